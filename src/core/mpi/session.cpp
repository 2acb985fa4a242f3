#include "core/mpi/session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <fmt/core.h>
#include <mpi.h>
#include <poll.h>
#include <unistd.h>

extern "C" {  // which glibc 2.36 forgets
#include <sys/pidfd.h>
}

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/problem.hpp"
#include "base/support/processors.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"
#include "core/mpi/leaving.hpp"
#include "core/mpi/pulse.hpp"
#include "core/mpi/start_watch.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::mpi {
namespace {

namespace bm = boost::mpi;

/// A message on its way, in either direction; its bytes must stay where they are until it is through.
struct InFlight {
    int peer = 0;
    std::string bytes;
    bm::request request;
};

/// What ranks tell each other when they agree: a text, or why not.
struct Word {
    int refusal = 0;  ///< exit code; 0: no refusal
    std::string text;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& refusal& text;
    }
};

Word word_of(Session const& session, std::function<std::string()> const& act) {
    try {
        return {0, act()};
    } catch (std::exception const& error) {
        auto const problem = problem_of(error);
        if (problem.code == ExitCode::internal) throw;
        return {static_cast<int>(problem.code), session.with_host(problem.text, problem.code)};
    }
}

std::string text_or_throw(Word const& word) {
    if (word.refusal != 0) throw Refusal(static_cast<ExitCode>(word.refusal), word.text);
    return word.text;
}

/// The next word, from anyone. @throws PeerLost after the patience, or when a rank that is missing has ended
Channel<Word>::Received await(Session& session, Channel<Word>& channel, std::set<int> const& missing,
                              double patience_seconds) {
    double const deadline = monotonic_seconds() + patience_seconds;
    Backoff backoff;
    for (;;) {
        auto const gone = session.gone();  // before the look: what a rank said last is still heard
        if (auto received = channel.try_receive()) return *received;
        for (int const rank : gone)
            require<PeerLost>(!missing.contains(rank),
                              "rank {} ended while all ranks were to agree; start it again", rank);
        require<PeerLost>(
            monotonic_seconds() < deadline,
            "another rank gave no sign for {} s while all were to agree; its own output may say why",
            patience_seconds);
        backoff.wait();
    }
}

/// A process among those of one machine and one container.
struct Process {
    std::uint64_t place = 0;
    std::int64_t number = 0;
    std::string host;
    PulseCard card;                       ///< rank 0's
    std::vector<std::size_t> processors;  ///< that it may run on

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& place& number& host& card& processors;
    }
};

Process own_process() {
    std::error_code ignored;
    std::string const space = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
    std::string boot;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
    return {hash64(fmt::format("{} {} {}", host_name(), boot, space)),
            ::getpid(),
            host_name(),
            {},
            usable_processors()};
}

}  // namespace

struct Session::State {
    State(int& argc, char**& argv, std::function<void()> wanted_before_leaving)
        : before_leaving(std::move(wanted_before_leaving)),
          start(std::in_place, before_leaving),
          environment(argc, argv, bm::threading::single),
          pulse({.rank = world.rank(),
                 .size = world.size(),
                 .on_loss = [this](int rank, double seconds) { leave(rank, seconds); },
                 .on_stuck = [this](double seconds) { leave_stuck(seconds); }}) {
        host = {world.rank()};
        host_processors = usable_processors();
        if (world.size() > 1) know_the_others();
        start.reset();
    }

    void push_out() {
        Pulse::Call const call(pulse);
        outgoing.remove_if([](InFlight& letter) { return letter.request.test().has_value(); });
    }

    [[noreturn]] void leave(int rank, double seconds) const {
        leave_at_once(fmt::format("on host {}: rank {} on host {} is lost: no sign of life for {:.0f} s, "
                                  "before the first experiment was begun; start it again",
                                  host_name(), rank, hosts.at(static_cast<std::size_t>(rank)), seconds),
                      before_leaving);
    }

    /// The others go on without any rank but the first, which alone has a say in how the run ends.
    [[noreturn]] void leave_stuck(double seconds) const {
        leave_at_once(fmt::format("rank {} on host {} has not come back from a call of MPI for {:.0f} s; "
                                  "perhaps a rank was killed while it wrote into memory that both share",
                                  world.rank(), host_name(), seconds),
                      world.rank() == 0 ? before_leaving : std::function<void()>([] {}));
    }

    /// Finds the ranks of this host, and opens what is needed to see the end of the other ranks on this host:
    /// rank 0 of all, the others of rank 0 and of the first of the host.
    void know_the_others() {
        Process own = own_process();
        if (world.rank() == 0) own.card = pulse.card();
        std::vector<Process> processes;
        bm::all_gather(world, own, processes);
        for (auto const& process : processes) hosts.push_back(process.host);
        pulse.begin(processes.front().card);
        host.clear();
        std::set<std::size_t> usable;
        for (int rank = 0; rank < world.size(); ++rank) {
            auto const& other = processes[static_cast<std::size_t>(rank)];
            if (other.place != own.place) continue;
            host.push_back(rank);
            usable.insert(other.processors.begin(), other.processors.end());
            bool const leads = rank == 0 || rank == host.front();
            bool const matters = rank != world.rank() && (leads || world.rank() == 0);
            if (!matters) continue;
            Descriptor watched(::pidfd_open(static_cast<pid_t>(other.number), 0));
            if (watched) watch.emplace_back(rank, std::move(watched));
        }
        host_processors.assign(usable.begin(), usable.end());
    }

    std::function<void()> before_leaving;
    std::optional<StartWatch> start;
    bm::environment environment;
    bm::communicator world;
    std::vector<std::pair<int, Descriptor>> watch;  ///< ranks and their pidfds
    std::vector<int> host;                          ///< ranks on this one, in order
    std::vector<std::size_t> host_processors;       ///< that they may run on, in order
    std::vector<std::string> hosts;                 ///< of each rank
    std::list<InFlight> outgoing;
    std::map<Topic, std::list<InFlight>> incoming;
    Pulse pulse;  ///< last: it uses the others
};

Session::Session(int& argc, char**& argv, std::function<void()> before_leaving)
    : state_(std::make_unique<State>(argc, argv, std::move(before_leaving))) {}

Session::~Session() {
    constexpr double patience_seconds = 1;
    flush(patience_seconds);
}

std::string Session::library() {
    std::string text(MPI_MAX_LIBRARY_VERSION_STRING, '\0');
    int length = 0;
    MPI_Get_library_version(text.data(), &length);
    text.resize(static_cast<std::size_t>(length));
    return text.substr(0, text.find(','));
}

int Session::rank() const noexcept {
    return state_->world.rank();
}

int Session::size() const noexcept {
    return state_->world.size();
}

std::string Session::agree(std::function<std::string()> const& read, double patience_seconds) {
    Channel<Word> channel(*this, Topic::agreement);
    if (rank() != 0) return text_or_throw(await(*this, channel, {0}, patience_seconds).message);
    Word const word = word_of(*this, read);
    for (int other = 1; other < size(); ++other) channel.send(other, word);
    require<PeerLost>(flush(patience_seconds), "not every rank took what rank 0 had to say within {} s",
                      patience_seconds);
    return text_or_throw(word);
}

std::vector<int> const& Session::host() const noexcept {
    return state_->host;
}

std::vector<std::size_t> const& Session::host_processors() const noexcept {
    return state_->host_processors;
}

bool Session::spans_hosts() const noexcept {
    return host().size() < static_cast<std::size_t>(size());
}

std::string Session::host_of(int rank) const {
    return size() == 1 ? host_name() : state_->hosts.at(static_cast<std::size_t>(rank));
}

std::string Session::with_host(std::string const& text, ExitCode code) const {
    std::string const host = host_name();
    bool const is_of_host = code == ExitCode::io || code == ExitCode::data || code == ExitCode::unavailable;
    bool const says_so = text.find(host) != std::string::npos;
    return spans_hosts() && is_of_host && !says_so ? fmt::format("on host {}: {}", host, text) : text;
}

std::optional<double> Session::silence(int rank) const {
    return state_->pulse.silence(rank);
}

void Session::leave_if_stopped_for(double seconds) const {
    double const stopped = state_->pulse.longest_stop();
    if (stopped <= seconds) return;
    leave_at_once(fmt::format("rank {} on host {} was stopped for {:.0f} s; the others take it for lost, and "
                              "its work is theirs",
                              rank(), host_name(), stopped),
                  [] {});
}

void Session::set_silence_limit(double seconds) {
    state_->pulse.set_limit(seconds);
}

void Session::survive_losses() {
    state_->pulse.survive();
}

std::string Session::once_per_host(std::function<std::string()> const& act, double patience_seconds) {
    Channel<Word> channel(*this, Topic::host);
    int const leader = host().front();
    if (rank() != leader) return text_or_throw(await(*this, channel, {leader}, patience_seconds).message);
    Word const word = word_of(*this, act);
    for (int const other : host())
        if (other != leader) channel.send(other, word);
    require<PeerLost>(flush(patience_seconds),
                      "not every rank of host {} took what rank {} had to say within {} s", host_name(),
                      leader, patience_seconds);
    return text_or_throw(word);
}

std::vector<std::string> Session::together(std::function<std::string()> const& act, double patience_seconds) {
    Channel<Word> channel(*this, Topic::agreement);
    Word const own = word_of(*this, act);
    if (rank() != 0) {
        channel.send(0, own);
        text_or_throw(await(*this, channel, {0}, patience_seconds).message);
        return {};
    }
    std::vector<std::string> texts(static_cast<std::size_t>(size()));
    texts.front() = own.text;
    std::map<int, Word> refusals;
    if (own.refusal != 0) refusals.emplace(0, own);
    std::set<int> missing;
    for (int other = 1; other < size(); ++other) missing.insert(other);
    while (!missing.empty()) {
        auto const received = await(*this, channel, missing, patience_seconds);
        missing.erase(received.from);
        texts[static_cast<std::size_t>(received.from)] = received.message.text;
        if (received.message.refusal != 0) refusals.emplace(received.from, received.message);
    }
    Word verdict;
    if (!refusals.empty()) verdict = refusals.begin()->second;
    for (int other = 1; other < size(); ++other) channel.send(other, verdict);
    require<PeerLost>(flush(patience_seconds), "not every rank took what rank 0 had to say within {} s",
                      patience_seconds);
    text_or_throw(verdict);
    return texts;
}

void Session::post(int to, Topic topic, std::string bytes) {
    auto& letter = state_->outgoing.emplace_back(InFlight{to, std::move(bytes), {}});
    {
        Pulse::Call const call(state_->pulse);
        letter.request = state_->world.isend(to, static_cast<int>(topic), letter.bytes.data(),
                                             static_cast<int>(letter.bytes.size()));
    }
    state_->push_out();
}

std::optional<Letter> Session::take(Topic topic) {
    state_->push_out();
    Pulse::Call const call(state_->pulse);
    int const tag = static_cast<int>(topic);
    auto& incoming = state_->incoming[topic];
    while (auto const status = state_->world.iprobe(bm::any_source, tag)) {
        auto const length = status->count<char>();
        auto& letter = incoming.emplace_back(
            InFlight{status->source(), std::string(static_cast<std::size_t>(length.value_or(0)), '\0'), {}});
        letter.request =
            state_->world.irecv(letter.peer, tag, letter.bytes.data(), static_cast<int>(letter.bytes.size()));
    }
    std::set<int> waiting_for;  // a long letter on its way holds back later ones of the same rank only
    for (auto letter = incoming.begin(); letter != incoming.end(); ++letter) {
        if (waiting_for.contains(letter->peer)) continue;
        if (letter->request.test()) {
            Letter taken{letter->peer, std::move(letter->bytes)};
            incoming.erase(letter);
            return taken;
        }
        waiting_for.insert(letter->peer);
    }
    return std::nullopt;
}

bool Session::flush(double patience_seconds) {
    double const deadline = monotonic_seconds() + patience_seconds;
    Backoff backoff;
    for (state_->push_out(); !state_->outgoing.empty(); state_->push_out()) {
        if (monotonic_seconds() >= deadline) return false;
        backoff.wait();
    }
    return true;
}

std::vector<int> Session::gone() {
    std::vector<pollfd> waiting;
    waiting.reserve(state_->watch.size());
    for (auto const& [rank, process] : state_->watch) waiting.push_back({process.get(), POLLIN, 0});
    std::vector<int> ranks;
    if (waiting.empty() || ::poll(waiting.data(), waiting.size(), 0) <= 0) return ranks;
    for (std::size_t i = 0; i < waiting.size(); ++i)
        if (waiting[i].revents != 0) ranks.push_back(state_->watch[i].first);
    return ranks;
}

void Session::leave_within(unsigned seconds, ExitCode code) {
    mpi::leave_within(seconds, code);
}

void Session::has_left() {
    ::alarm(0);
}

void Session::abort(ExitCode code) {
    constexpr unsigned abort_seconds = 10;  // MPI_Abort may wait for a launcher that waits for a lost host
    leave_within(abort_seconds, code);
    state_->environment.abort(static_cast<int>(code));
    std::_Exit(static_cast<int>(code));
}

}  // namespace vaster::mpi
