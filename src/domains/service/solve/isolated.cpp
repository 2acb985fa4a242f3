#include "domains/service/solve/isolated.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

constexpr char answered = 'A';
constexpr char refused = 'R';

void write_all(int fd, char kind, std::string const& text) {
    std::string const bytes = kind + text;
    for (std::size_t done = 0; done < bytes.size();) {
        auto const written = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (written < 0 && errno != EINTR) ::_exit(1);
        if (written > 0) done += static_cast<std::size_t>(written);
    }
}

/// The new process is quiet, has a group of its own, dies with its parent, and leaves no core.
void settle(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);
    for (int const number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM, SIGSEGV,
                             SIGABRT, SIGFPE, SIGBUS, SIGILL})
        std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    rlimit const no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    int const nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0) return;
    for (int fd = 0; fd <= 2; ++fd) ::dup2(nowhere, fd);
}

[[noreturn]] void do_work(std::function<std::string()> const& work, int out) {
    try {
        write_all(out, answered, work());
    } catch (std::bad_alloc const&) {
        write_all(out, refused, "needs more memory than there is");
    } catch (std::exception const& problem) {
        write_all(out, refused, problem.what());
    }
    ::_exit(0);
}

/// A process of our own; killed with what it has started, and waited for, whatever happens.
class Process {
  public:
    explicit Process(pid_t id) : id_(id) {}

    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    ~Process() {
        if (id_ <= 0) return;
        kill();
        (void)wait();
    }

    void kill() const {
        ::kill(-id_, SIGKILL);
        ::kill(id_, SIGKILL);
    }

    int wait() {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = 0;
        return status;
    }

  private:
    pid_t id_;
};

std::string trouble_of(int status) {
    if (WIFSIGNALED(status))
        return fmt::format("crashed (signal {}, {})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("ended without an answer (exit code {})", WEXITSTATUS(status));
}

/// All that comes out of the pipe until it is closed. False: it took too long.
bool read_all(int fd, double until, Watcher& watcher, std::string& bytes) {
    constexpr int nap = 50;
    constexpr std::size_t piece = 65536;
    std::string buffer(piece, ' ');
    for (;;) {
        if (watcher.stop_requested()) throw Cancelled{};
        double const left = until - monotonic_seconds();
        if (left <= 0) return false;
        constexpr double milliseconds = 1000;
        pollfd wanted{fd, POLLIN, 0};
        int const ready =
            ::poll(&wanted, 1, static_cast<int>(std::min<double>(nap, left * milliseconds + 1)));
        if (ready <= 0) continue;
        auto const n = ::read(fd, buffer.data(), buffer.size());
        if (n == 0) return true;
        if (n > 0) bytes.append(buffer, 0, static_cast<std::size_t>(n));
    }
}

}  // namespace

Ended run_isolated(std::function<std::string()> const& work, double seconds, Watcher& watcher) {
    std::array<int, 2> ends{};
    bool const is_made = ::pipe2(ends.data(), O_CLOEXEC) == 0;
    require<IoError>(is_made, "cannot make a pipe: {}", system_reason(errno));
    Descriptor const in(ends[0]);
    Descriptor out(ends[1]);
    pid_t const parent = ::getpid();
    pid_t const id = ::fork();
    require<IoError>(id >= 0, "cannot start a process: {}", system_reason(errno));
    if (id == 0) {
        settle(parent);
        do_work(work, ends[1]);
    }
    ::setpgid(id, id);
    Process process(id);
    out.reset();
    Ended ended;
    if (!read_all(in.get(), monotonic_seconds() + seconds, watcher, ended.bytes))
        return {{}, fmt::format("did not stop within {:.3g} s, and was killed", seconds)};
    int const status = process.wait();
    if (ended.bytes.empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return {{}, trouble_of(status)};
    bool const has_answered = ended.bytes.front() == answered;
    ended.bytes.erase(0, 1);
    return has_answered ? ended : Ended{{}, ended.bytes};
}

}  // namespace vaster::service::solve
