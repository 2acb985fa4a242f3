#include "core/monitor/status_server.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <httplib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::monitor {
namespace {

constexpr std::size_t n_threads = 2;
constexpr long timeout_seconds = 5;

/// Signals are the main thread's business: blocked while a thread is made, which inherits the mask.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }

    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    SignalsBlocked(SignalsBlocked const&) = delete;
    SignalsBlocked& operator=(SignalsBlocked const&) = delete;

  private:
    sigset_t before_{};
};

/// Takes as long wherever the texts differ.
bool are_equal(std::string_view given, std::string_view wanted) {
    unsigned difference = given.size() == wanted.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size() && i < wanted.size(); ++i)
        difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(wanted[i]);
    return difference == 0;
}

}  // namespace

std::string new_token() {
    std::array<unsigned char, 16> bytes{};
    bool const done = ::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
    require<IoError>(done, "the system gives no random numbers: {}", system_reason(errno));
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

Address parse_address(std::string_view text) {
    Address address;
    std::string_view port = text;
    if (std::size_t const colon = text.rfind(':'); colon != std::string_view::npos) {
        address.host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (address.host.starts_with('[') && address.host.ends_with(']'))
            address.host = address.host.substr(1, address.host.size() - 2);
    }
    auto const [end, problem] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    require<UsageError>(problem == std::errc{} && end == port.data() + port.size() && address.port >= 0 &&
                            address.port <= 65535 && !address.host.empty(),
                        "'{}' is not an address to serve at; give PORT or ADDRESS:PORT, such as 8080", text);
    return address;
}

struct StatusServer::State {
    httplib::Server server;
    std::string token;
    std::mutex guard;
    std::shared_ptr<StatusTexts const> texts = std::make_shared<StatusTexts const>();
    std::thread thread;
    int port = 0;

    std::shared_ptr<StatusTexts const> now() {
        std::lock_guard const lock(guard);
        return texts;
    }

    [[nodiscard]] bool is_known(httplib::Request const& request) const {
        return token.empty() || are_equal(request.get_param_value("token"), token) ||
               are_equal(request.get_header_value("Authorization"), "Bearer " + token);
    }

    void offer(std::string const& path, std::string StatusTexts::*text, std::string const& type) {
        server.Get(path, [this, text, type](httplib::Request const& request, httplib::Response& response) {
            response.set_header("Cache-Control", "no-store");
            response.set_header("Referrer-Policy", "no-referrer");
            if (!is_known(request)) {
                response.status = 403;
                response.set_content("The address that the run prints has a token: use it as it is.\n",
                                     "text/plain");
                return;
            }
            response.set_content(*now().*text, type);
        });
    }
};

StatusServer::StatusServer(Address const& address, std::string token) : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.token = std::move(token);
    state.server.new_task_queue = [] { return new httplib::ThreadPool(n_threads); };
    // not the library's SO_REUSEPORT, with which two runs would share a port
    state.server.set_socket_options([](socket_t socket) {
        int const yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    state.server.set_read_timeout(timeout_seconds, 0);
    state.server.set_write_timeout(timeout_seconds, 0);
    state.server.set_payload_max_length(0);
    state.offer("/", &StatusTexts::page, "text/html; charset=utf-8");
    state.offer("/status.json", &StatusTexts::json, "application/json");
    state.offer("/metrics", &StatusTexts::metrics, "text/plain; version=0.0.4; charset=utf-8");
    if (address.port == 0)
        state.port = state.server.bind_to_any_port(address.host);
    else
        state.port = state.server.bind_to_port(address.host, address.port) ? address.port : -1;
    require<IoError>(state.port > 0,
                     "cannot serve the status at {}:{}: the port is taken or the address is not this host's; "
                     "choose another with --serve",
                     address.host, address.port);
    SignalsBlocked const blocked;
    state.thread = std::thread([&state] { state.server.listen_after_bind(); });
}

StatusServer::~StatusServer() {
    // stop() before the thread listens would be lost
    for (int i = 0; i < 1000 && !state_->server.is_running(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    state_->server.stop();
    state_->thread.join();
}

void StatusServer::show(StatusTexts const& texts) {
    auto next = std::make_shared<StatusTexts const>(texts);
    std::lock_guard const lock(state_->guard);
    state_->texts = std::move(next);
}

int StatusServer::port() const noexcept {
    return state_->port;
}

}  // namespace vaster::monitor
