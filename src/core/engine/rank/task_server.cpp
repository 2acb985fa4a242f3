#include "core/engine/rank/task_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "core/engine/child/frames.hpp"
#include "core/engine/child/serve.hpp"
#include "core/engine/signals.hpp"
#include "core/mpi/backoff.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

constexpr int server_fd = 3;
/// A server that takes or gives nothing for so long in the middle of a message is dead to us.
constexpr timeval message_limit{10, 0};

/// Our environment with what the libraries in the children must know before they start: one thread unless a
/// model asks for more, no spinning of those that wait, and stacks of threads that a child has room for.
std::vector<std::string> server_environment() {
    std::vector<std::string> variables{"OMP_NUM_THREADS=1", "OMP_WAIT_POLICY=passive", "OMP_STACKSIZE=2M",
                                       "LD_BIND_NOW=1"};
    auto const is_ours = [n_ours = variables.size(), &variables](std::string_view text) {
        return std::any_of(
            variables.begin(), variables.begin() + static_cast<std::ptrdiff_t>(n_ours),
            [&](auto const& ours) { return text.starts_with(ours.substr(0, ours.find('=') + 1)); });
    };
    bool has_malloc_setting = false;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!is_ours(*variable)) variables.emplace_back(*variable);
        if (std::string_view(*variable).starts_with(fmt::format("{}=", MallocSetting::name)))
            has_malloc_setting = true;
    }
    if (!has_malloc_setting)
        variables.push_back(fmt::format("{}={}", MallocSetting::name, MallocSetting::value));
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// What posix_spawn is told: only standard streams and the socket are passed on; signals as in a fresh
/// process, but those that ask the rank to stop are blocked: they come to all processes of a job, and the
/// rank decides.
class SpawnSettings {
  public:
    explicit SpawnSettings(int socket) {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files, socket, server_fd);

        sigset_t all;
        sigset_t blocked;
        sigfillset(&all);
        sigemptyset(&blocked);
        for (int const number : stop_signals()) sigaddset(&blocked, number);
        sigaddset(&blocked, SIGUSR2);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &blocked);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }

    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }

    SpawnSettings(SpawnSettings const&) = delete;
    SpawnSettings& operator=(SpawnSettings const&) = delete;

    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};
};

/// Waits until the descriptor can be read; false after the deadline.
bool wait_readable(int fd, double deadline) {
    for (;;) {
        double const left = deadline - monotonic_seconds();
        if (left <= 0) return false;
        pollfd waiting{fd, POLLIN, 0};
        int const ready = ::poll(&waiting, 1, static_cast<int>(std::min(left, 60.0) * 1000) + 1);
        if (ready > 0) return true;
    }
}

bool ends_within(pid_t process, double seconds) {
    double const deadline = monotonic_seconds() + seconds;
    mpi::Backoff backoff;
    while (::waitpid(process, nullptr, WNOHANG) == 0) {
        if (monotonic_seconds() >= deadline) return false;
        backoff.wait();
    }
    return true;
}

std::string fingerprint(Description const& description) {
    return description.data_hash + description.plan_hash;
}

}  // namespace

TaskServer::TaskServer(std::vector<std::string> command) : command_(std::move(command)) {
    start();
}

TaskServer::TaskServer(TaskServer&& other) noexcept
    : command_(std::move(other.command_)),
      config_text_(std::move(other.config_text_)),
      block_(std::move(other.block_)),
      block_identity_(std::move(other.block_identity_)),
      fingerprint_(std::move(other.fingerprint_)),
      rows_told_(other.rows_told_),
      socket_(std::move(other.socket_)),
      process_(std::exchange(other.process_, -1)) {}

TaskServer::~TaskServer() {
    stop();
}

void TaskServer::start() {
    std::array<int, 2> ends{};
    bool const made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
    require<IoError>(made, "cannot make a socket for the task server: {}", system_reason(errno));
    Descriptor ours(ends[0]);
    Descriptor const theirs(ends[1]);
    ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &message_limit, sizeof message_limit);
    ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &message_limit, sizeof message_limit);

    auto arguments = command_;
    arguments.insert(arguments.end(), {"--fd", std::to_string(server_fd)});
    auto environment = server_environment();
    SpawnSettings const settings(theirs.get());
    int const problem =
        ::posix_spawn(&process_, command_.front().c_str(), &settings.files, &settings.attributes,
                      pointers(arguments).data(), pointers(environment).data());
    if (problem != 0) process_ = -1;
    require<IoError>(problem == 0, "cannot start the task server {}: {}", command_.front(),
                     system_reason(problem));
    socket_ = std::move(ours);
    rows_told_ = 0;
}

void TaskServer::stop() noexcept {
    socket_.reset();  // which ends it, unless it is busy
    if (process_ < 0) return;
    constexpr double polite_seconds = 0.2;
    constexpr double patience_seconds = 2;  // a process in an uninterruptible wait is left to the system
    if (!ends_within(process_, polite_seconds)) {
        ::kill(process_, SIGKILL);
        (void)ends_within(process_, patience_seconds);
    }
    process_ = -1;
}

Description TaskServer::open(std::string const& config_text, double patience_seconds, BlockOffer const& offer,
                             PlanWanted plan) {
    config_text_ = config_text;
    fingerprint_.clear();
    std::string problem = take_up(offer);
    bool const asked = ask_to_open(plan);
    require<IoError>(!asked || wait_readable(socket_.get(), monotonic_seconds() + patience_seconds),
                     "opening the study took more than {} s", patience_seconds);
    ServerEvent event = take_event();
    if (event.kind == ServerEvent::Kind::refused)
        throw Error(static_cast<ExitCode>(event.refusal.exit_code), event.refusal.text);
    require<IoError>(
        event.kind == ServerEvent::Kind::opened,
        "the process that loads the data died while opening the study; perhaps there was not enough memory");
    if (!problem.empty()) event.description.block_problem = std::move(problem);
    return std::move(event.description);
}

/// @returns why the block cannot be had; empty: it can, or none was offered
std::string TaskServer::take_up(BlockOffer const& offer) {
    block_.reset();
    block_identity_ = {};
    if (offer.identity.size == 0) return {};
    auto const path = fmt::format("/proc/{}/fd/{}", offer.process, offer.fd);
    block_.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!block_) return fmt::format("cannot open {}: {}", path, system_reason(errno));
    block_identity_ = offer.identity;
    return {};
}

bool TaskServer::ask_to_open(PlanWanted plan) const {
    std::vector<int> descriptors;
    if (block_) descriptors.push_back(block_.get());
    return send_frame(socket_.get(), FrameKind::open,
                      study::pack(OpenRequest{config_text_, block_identity_, plan}), descriptors);
}

BlockOffer TaskServer::offer() const {
    return block_ ? BlockOffer{::getpid(), block_.get(), block_identity_} : BlockOffer();
}

void TaskServer::restart() {
    stop();
    start();
    kill_if_deaf(ask_to_open(PlanWanted::no));
}

/// Keeps the descriptor of the block that a study was opened from, unless the system had no room for it.
void TaskServer::take_block(Description& description, std::vector<Descriptor>& descriptors) {
    block_ = descriptors.empty() ? Descriptor() : std::move(descriptors.front());
    if (!block_ && description.block.size > 0) {
        description.block = {};
        description.block_problem =
            fmt::format("cannot take the descriptor of the block: {}", system_reason(EMFILE));
    }
    block_identity_ = description.block;
}

/// The parts of the plan that follow a description.
void TaskServer::take_plan(ServerEvent& event) const {
    for (std::uint64_t i = 0; i < event.description.n_plan_parts; ++i) {
        auto const part = receive_frame(socket_.get());
        if (!part || part->kind != FrameKind::plan_part) {
            event.kind = ServerEvent::Kind::hung_up;
            return;
        }
        event.description.experiments.add_part(part->payload);
    }
}

ServerEvent TaskServer::take_event() {
    ServerEvent event;
    auto frame = receive_frame(socket_.get());
    if (!frame) return event;
    if (frame->kind == FrameKind::exited) {
        event.kind = ServerEvent::Kind::exited;
        event.exit = study::unpack<ChildExit>(frame->payload);
    } else if (frame->kind == FrameKind::refused) {
        event.kind = ServerEvent::Kind::refused;
        event.refusal = study::unpack<ServerRefusal>(frame->payload);
    } else if (frame->kind == FrameKind::opened) {
        event.kind = ServerEvent::Kind::opened;
        event.description = study::unpack<Description>(frame->payload);
        take_block(event.description, frame->descriptors);
        take_plan(event);
        if (event.kind == ServerEvent::Kind::hung_up) return event;
        std::string const seen = fingerprint(event.description);
        if (fingerprint_.empty()) fingerprint_ = seen;
        if (seen == fingerprint_) return event;
        event.kind = ServerEvent::Kind::refused;
        event.refusal = {static_cast<int>(ExitCode::data),
                         "the data have changed since the study was opened"};
    }
    return event;
}

void TaskServer::fork_child(std::uint64_t number, Descriptor results, Descriptor output, Descriptor tasks) {
    kill_if_deaf(send_frame(socket_.get(), FrameKind::fork, study::pack(number),
                            {results.get(), output.get(), tasks.get()}));
}

void TaskServer::plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity,
                      std::uint64_t memory_bytes, Descriptor results, Descriptor output) {
    PlanRequest const request{rows_told_,
                              {rows.begin() + static_cast<std::ptrdiff_t>(rows_told_), rows.end()},
                              capacity,
                              memory_bytes};
    rows_told_ = rows.size();
    kill_if_deaf(
        send_frame(socket_.get(), FrameKind::plan, study::pack(request), {results.get(), output.get()}));
}

void TaskServer::kill_child() {
    kill_if_deaf(send_frame(socket_.get(), FrameKind::kill, ""));
}

void TaskServer::kill_if_deaf(bool heard) const noexcept {
    if (!heard && process_ > 0) ::kill(process_, SIGKILL);
}

}  // namespace vaster::engine
