#include "domains/service/jobs/keeper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/engine/child/frames.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/errors.hpp"

extern "C" {
extern char** environ;
}

namespace vaster::service {
namespace {

/// How long processes that a program has left may take to end by themselves: those of a pipe may be about to.
constexpr double grace_seconds = 0.25;

/// Of a process: field 4 of its stat, behind a name that may have blanks and brackets; 0: it is gone.
pid_t parent_of(pid_t process) {
    std::ifstream in(fmt::format("/proc/{}/stat", process));
    std::string stat;
    std::getline(in, stat);
    auto const end = stat.rfind(')');
    if (end == std::string::npos) return 0;
    std::istringstream rest(stat.substr(end + 1));
    char state = ' ';
    pid_t parent = 0;
    rest >> state >> parent;
    return parent;
}

/// Processes whose parent is this one. All processes are looked at: not every kernel says whose children are
/// whose.
std::vector<pid_t> own_children() {
    std::vector<pid_t> children;
    for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
        auto const name = entry.path().filename().string();
        pid_t process = 0;
        auto const [end, problem] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (problem == std::errc() && end == name.data() + name.size() && parent_of(process) == ::getpid())
            children.push_back(process);
    }
    return children;
}

std::string name_of(pid_t process) {
    std::ifstream in(fmt::format("/proc/{}/comm", process));
    std::string name;
    std::getline(in, name);
    return name;
}

/// Buries all that have ended. True: others are alive.
bool bury() {
    for (;;) {
        pid_t const one = ::waitpid(-1, nullptr, WNOHANG);
        if (one == 0) return true;
        if (one < 0 && errno != EINTR) return false;
    }
}

/// Kills all descendants, whatever they have made of themselves: those whose parent ends become children of
/// this process. @return the names of the first ones
std::vector<std::string> kill_all() {
    std::vector<std::string> names;
    bool first = true;
    while (bury()) {
        for (pid_t const one : own_children()) {
            if (first) names.push_back(name_of(one));
            ::kill(one, SIGKILL);
        }
        first = false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return names;
}

/// Lets those that a program has left end by themselves for a moment, and kills the others.
std::vector<std::string> end_what_is_left() {
    double const deadline = monotonic_seconds() + grace_seconds;
    while (bury()) {
        if (monotonic_seconds() >= deadline) return kill_all();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return {};
}

/// A launcher of MPI ranks has told this process who it is; a program of a job is none of its ranks.
bool is_of_launcher(std::string_view variable) {
    for (std::string_view const prefix :
         {"OMPI_", "PMIX_", "PMI_", "PRTE_", "PMI2_", "HYDRA_", "MPI_LOCAL", "VASTER_ENDING_"})
        if (variable.starts_with(prefix)) return true;
    return false;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// What the keeper does not hear.
constexpr std::array<int, 7> ignored_signals{SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2};

void reset_signals() {
    for (int const number : ignored_signals) ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// What a process that could not become the program tells the keeper.
struct NotStarted {
    int error = 0;
    char step = ' ';
};

/// Becomes the program. It has the keeper's memory until then, as after vfork(): nothing but system calls.
[[noreturn]] void become(Launch const& launch, std::vector<char*> const& arguments, int output, int error,
                         int telling, pid_t keeper) {
    auto const give_up = [&](char step) {
        NotStarted const word{errno, step};
        (void)!::write(telling, &word, sizeof word);
        ::_exit(127);
    };
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper) ::_exit(127);
    ::setpgid(0, 0);
    reset_signals();
    int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(error, STDERR_FILENO) < 0)
        give_up('f');
    if (::chdir(launch.directory.c_str()) != 0) give_up('d');
#ifndef VASTER_SANITIZED  // a limit below the shadow memory of this process
    rlimit limits{};
    ::getrlimit(RLIMIT_DATA, &limits);
    limits.rlim_cur = std::min<rlim_t>(launch.memory_bytes, limits.rlim_max);
    if (launch.memory_bytes > 0) ::setrlimit(RLIMIT_DATA, &limits);
#endif
    ::execvp(arguments.front(), arguments.data());
    give_up('x');
    ::_exit(127);
}

/// The life of the keeper.
class Life {
  public:
    Life(Descriptor socket) : socket_(std::move(socket)) {}

    void live() {
        while (auto frame = engine::receive_frame(socket_.get())) {
            if (frame->descriptors.size() != 2) break;
            auto launch = study::unpack<Launch>(frame->payload);
            auto const ended = run(launch, frame->descriptors[0], frame->descriptors[1]);
            if (!engine::send_frame(socket_.get(), engine::FrameKind::ended, study::pack(ended))) break;
        }
        kill_all();
    }

  private:
    Ended run(Launch& launch, Descriptor const& output, Descriptor const& error) {
        Ended ended;
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(errno, "cannot make a pipe");
        Descriptor const hearing(ends[0]);
        Descriptor telling(ends[1]);
        set_environment(launch.environment);
        auto arguments = pointers_to(launch.arguments);
        pid_t const keeper = ::getpid();
        // A copy of this process's page tables would cost as much as a short program.
        pid_t const process = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
        if (process == 0) become(launch, arguments, output.get(), error.get(), telling.get(), keeper);
        if (process < 0) return not_started(errno, "cannot fork");
        telling.reset();
        NotStarted word;
        bool const started = ::read(hearing.get(), &word, sizeof word) != sizeof word;
        wait_for(process, ended);
        if (!started) return not_started(word.error, step_text(word.step, launch));
        ended.left_behind = end_what_is_left();
        return ended;
    }

    static std::string step_text(char step, Launch const& launch) {
        if (step == 'd') return fmt::format("cannot go to the folder {}", launch.directory);
        if (step == 'f') return "cannot pass on its standard streams";
        return fmt::format("cannot run '{}'", launch.arguments.front());
    }

    static Ended not_started(int error, std::string step) {
        Ended ended;
        ended.start_error = error;
        ended.start_step = std::move(step);
        return ended;
    }

    void set_environment(std::vector<std::string> const& variables) {
        for (auto const& one : variables) {
            auto const sign = one.find('=');
            ::setenv(one.substr(0, sign).c_str(), one.substr(sign + 1).c_str(), 1);
        }
    }

    /// Waits for the program; ends this process and all of the program's where the other side is gone before.
    void wait_for(pid_t process, Ended& ended) {
        Descriptor const handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
        std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {handle.get(), POLLIN, 0}}};
        while (handle && waiting[1].revents == 0) {
            if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
            if (waiting[0].revents != 0 && waiting[1].revents == 0) {
                kill_all();
                ::_exit(0);
            }
        }
        rusage usage{};
        while (::wait4(process, &ended.wait_status, 0, &usage) < 0 && errno == EINTR) continue;
        auto const seconds = [](timeval const& time) {
            return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        };
        ended.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
        ended.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    }

    Descriptor socket_;
};

void forget_launcher() {
    std::vector<std::string> names;
    for (char** one = environ; *one != nullptr; ++one) {
        std::string_view const variable(*one);
        if (is_of_launcher(variable)) names.emplace_back(variable.substr(0, variable.find('=')));
    }
    for (auto const& name : names) ::unsetenv(name.c_str());
}

[[noreturn]] void live_as_keeper(Descriptor socket) {
    ::setsid();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int const number : ignored_signals) ::signal(number, SIG_IGN);
    Descriptor const nothing(::open("/dev/null", O_RDWR));
    ::dup2(nothing.get(), STDOUT_FILENO);
    ::dup2(nothing.get(), STDERR_FILENO);
    constexpr int own = 3;
    if (socket.get() != own) ::dup3(socket.get(), own, O_CLOEXEC);
    ::close_range(own + 1, ~0U, 0);
    forget_launcher();
    Life(Descriptor(socket.get() == own ? socket.release() : own)).live();
    ::_exit(0);
}

}  // namespace

Keeper::Keeper() {
    std::array<int, 2> ends{};
    bool const made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
    require<IoError>(made, "cannot make a socket for the keeper of commands: {}", system_reason(errno));
    socket_ = Descriptor(ends[0]);
    Descriptor theirs(ends[1]);
    process_ = ::fork();
    require<IoError>(process_ >= 0, "cannot fork the keeper of commands: {}", system_reason(errno));
    if (process_ == 0) {
        socket_.reset();
        live_as_keeper(std::move(theirs));
    }
}

Keeper::~Keeper() {
    socket_.reset();
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

Ended Keeper::run(Launch const& launch, Descriptor const& output, Descriptor const& error) {
    bool const sent = engine::send_frame(socket_.get(), engine::FrameKind::run, study::pack(launch),
                                         {output.get(), error.get()});
    auto const answer = sent ? engine::receive_frame(socket_.get()) : std::nullopt;
    require<IoError>(answer.has_value(), "the keeper of commands is gone: somebody has killed it");
    return study::unpack<Ended>(answer->payload);
}

}  // namespace vaster::service
