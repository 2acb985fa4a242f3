#include "core/mpi/pulse.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/support/awake_clock.hpp"
#include "base/support/clock.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/random.hpp"

namespace vaster::mpi {
namespace {

constexpr std::int32_t nobody = -1;

/// What goes over the network, between machines of one kind.
struct Datagram {
    std::uint64_t token = 0;
    std::int32_t from = 0;
    std::int32_t lost = nobody;  ///< a rank that rank 0 no longer hears
};

using Address = sockaddr_in;

Address address_of(std::uint32_t ip, std::uint16_t port) {
    Address address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ip;
    address.sin_port = port;
    return address;
}

/// One that nobody else guesses.
std::uint64_t new_token() {
    std::uint64_t token = 0;
    if (::getrandom(&token, sizeof token, GRND_NONBLOCK) == sizeof token) return token;
    return scramble(static_cast<std::uint64_t>(::getpid()) ^
                    static_cast<std::uint64_t>(wall_seconds() * 1e6));
}

/// Of every interface that is up.
std::vector<std::uint32_t> own_addresses() {
    std::vector<std::uint32_t> found;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return found;
    for (auto const* one = all; one != nullptr; one = one->ifa_next) {
        bool const usable =
            one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_UP) != 0;
        if (!usable) continue;
        Address address{};
        std::memcpy(&address, one->ifa_addr, sizeof address);
        found.push_back(address.sin_addr.s_addr);
    }
    ::freeifaddrs(all);
    return found;
}

/// A socket at a port that the system chooses; none where there can be none.
std::pair<Descriptor, std::uint16_t> open_socket() {
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    Address address = address_of(htonl(INADDR_ANY), 0);
    socklen_t length = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    bool const bound =
        socket && ::bind(socket.get(), name, length) == 0 && ::getsockname(socket.get(), name, &length) == 0;
    if (!bound) return {};
    return {std::move(socket), address.sin_port};
}

/// What is known of another rank.
struct Heard {
    std::optional<double> when;      ///< of the last sign [s of the awake clock]
    std::optional<Address> address;  ///< that it came from
};

/// A thread that takes no signal, so that they go on to interrupt the rank's own waiting.
template <class Work>
std::jthread quiet_thread(Work work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::jthread thread(std::move(work));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

struct Pulse::State {
    explicit State(Options wanted)
        : options(std::move(wanted)),
          token(new_token()),
          heard(static_cast<std::size_t>(options.rank == 0 ? options.size : 1)) {
        auto opened = open_socket();
        socket = std::move(opened.first);
        port = opened.second;
    }

    void run(std::stop_token const& stop) {
        constexpr int look_milliseconds = 50;
        while (!stop.stop_requested()) {
            pollfd waiting{socket.get(), POLLIN, 0};
            ::poll(&waiting, 1, look_milliseconds);
            std::optional<std::pair<int, double>> lost;
            std::optional<double> stuck;
            {
                std::lock_guard const lock(mutex);
                now = awake.look();
                longest_stop = std::max(longest_stop, monotonic_seconds() - last_loop);
                last_loop = monotonic_seconds();
                take_all();
                give_signs();
                if (!surviving) lost = lost_rank();
                if (lost) tell_all(lost->first);
                stuck = seconds_stuck();
            }
            if (lost) options.on_loss(lost->first, lost->second);
            if (stuck) options.on_stuck(*stuck);
        }
    }

    void send(Address const& to, std::int32_t lost) const {
        Datagram const datagram{token, options.rank, lost};
        (void)::sendto(socket.get(), &datagram, sizeof datagram, 0, reinterpret_cast<sockaddr const*>(&to),
                       sizeof to);
    }

    void take_all() {
        Datagram datagram;
        Address from{};
        for (;;) {
            socklen_t length = sizeof from;
            auto const n = ::recvfrom(socket.get(), &datagram, sizeof datagram, 0,
                                      reinterpret_cast<sockaddr*>(&from), &length);
            if (n < 0 && errno != EINTR) return;
            if (n == sizeof datagram && datagram.token == token) take(datagram, from);
        }
    }

    void take(Datagram const& datagram, Address const& from) {
        auto const sender = static_cast<std::size_t>(datagram.from);
        if (datagram.from < 0 || sender >= heard.size() || datagram.from == options.rank) return;
        heard[sender].when = now;
        heard[sender].address = from;
        if (options.rank == 0)
            send(from, nobody);
        else if (datagram.lost != nobody)
            told = datagram.lost;
    }

    /// The others speak, rank 0 answers: to the address that answered, or to all while none does.
    void give_signs() {
        if (options.rank == 0 || now < next_sign) return;
        next_sign = now + options.interval_seconds;
        constexpr double fresh_seconds = 3;
        auto const& zero = heard.front();
        if (zero.when && now - *zero.when < fresh_seconds) return send(*zero.address, nobody);
        for (auto const ip : rank_zero.addresses) send(address_of(ip, rank_zero.port), nobody);
    }

    [[nodiscard]] std::optional<std::pair<int, double>> lost_rank() const {
        if (told != nobody) return std::pair{static_cast<int>(told), options.limit_seconds};
        auto const silent = std::find_if(heard.begin(), heard.end(), [this](auto const& one) {
            return one.when && now - *one.when > options.limit_seconds;
        });
        if (silent == heard.end()) return std::nullopt;
        return std::pair{static_cast<int>(silent - heard.begin()), now - *silent->when};
    }

    /// For how long the rank has been in one call, where that is too long.
    [[nodiscard]] std::optional<double> seconds_stuck() {
        constexpr double patience = 3;
        auto const count = calls.load(std::memory_order_relaxed);
        if (std::exchange(calls_seen, count) != count) call_seen = now;
        bool const is_inside = count % 2 == 1;
        if (!is_inside || now - call_seen <= patience * options.limit_seconds) return std::nullopt;
        return now - call_seen;
    }

    /// Some times, since datagrams may be lost.
    void tell_all(int lost) const {
        constexpr int times = 5;
        for (int i = 0; i < times && options.rank == 0; ++i)
            for (auto const& one : heard)
                if (one.address) send(*one.address, lost);
    }

    Options options;
    std::uint64_t token;
    Descriptor socket;
    std::uint16_t port = 0;
    PulseCard rank_zero;
    std::atomic<std::uint64_t> calls = 0;  ///< beginnings and ends
    mutable std::mutex mutex;              ///< of all that follows
    std::vector<Heard> heard;              ///< on rank 0 by rank, on the others rank 0 alone
    AwakeClock awake;
    double now = 0;
    double next_sign = 0;
    std::uint64_t calls_seen = 0;
    double call_seen = 0;  ///< when the number of calls was first seen to be this [s of the awake clock]
    double last_loop = monotonic_seconds();
    double longest_stop = 0;
    std::int32_t told = nobody;  ///< the rank that rank 0 has lost
    bool surviving = false;
    std::jthread thread;  ///< last: it uses the others
};

Pulse::Pulse(Options options) : state_(std::make_unique<State>(std::move(options))) {}

Pulse::~Pulse() = default;

PulseCard Pulse::card() const {
    if (!state_->socket) return {};
    return {own_addresses(), state_->port, state_->token};
}

void Pulse::begin(PulseCard const& rank_zero) {
    bool const can = state_->options.size > 1 && state_->socket && rank_zero.port != 0;
    if (!can || state_->thread.joinable()) return;
    state_->rank_zero = rank_zero;
    state_->token = rank_zero.token;
    state_->now = state_->awake.look();
    state_->last_loop = monotonic_seconds();
    state_->thread = quiet_thread([state = state_.get()](std::stop_token const& stop) { state->run(stop); });
}

void Pulse::count_call() noexcept {
    state_->calls.fetch_add(1, std::memory_order_relaxed);
}

void Pulse::set_limit(double seconds) {
    std::lock_guard const lock(state_->mutex);
    state_->options.limit_seconds = seconds;
}

void Pulse::survive() {
    std::lock_guard const lock(state_->mutex);
    state_->surviving = true;
}

double Pulse::longest_stop() const {
    std::lock_guard const lock(state_->mutex);
    if (!state_->thread.joinable()) return 0;
    // The thread may not have looked yet since the process goes on.
    return std::max(state_->longest_stop, monotonic_seconds() - state_->last_loop);
}

std::optional<double> Pulse::silence(int rank) const {
    std::lock_guard const lock(state_->mutex);
    auto const index = static_cast<std::size_t>(rank);
    if (index >= state_->heard.size() || !state_->heard[index].when) return std::nullopt;
    return state_->now - *state_->heard[index].when;
}

}  // namespace vaster::mpi
