#include "core/run/launcher.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

extern "C" {  // which glibc 2.36 forgets
#include <sys/pidfd.h>
}

namespace vaster::run {
namespace {

constexpr int second = 1000;  // in milliseconds

std::string name_of(pid_t process) {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
    return name;
}

/// How long it may stay [ms]; 0: as long as it likes.
int patience_with(std::string const& launcher, Others others) {
    bool const is_mpirun = launcher == "mpirun" || launcher == "mpiexec" || launcher == "orterun";
    bool const looked_after =
        std::getenv("VASTER_ENDING_PIPE") != nullptr || std::getenv("VASTER_ENDING_FILE") != nullptr;
    if (is_mpirun) return looked_after ? 0 : 5 * second;
    if (launcher != "orted") return 0;
    return others == Others::leave ? 5 * second : 15 * second;
}

/// In a process of its own, between fork and exit: nothing but system calls. It is killed, since SIGTERM
/// makes an mpirun that has lost a host crash.
[[noreturn]] void see_it_end(int launcher, int patience) {
    ::setsid();
    for (int fd = 0; fd < launcher; ++fd) ::close(fd);
    ::close_range(static_cast<unsigned>(launcher) + 1, ~0U, 0);
    pollfd waiting{launcher, POLLIN, 0};
    if (::poll(&waiting, 1, patience) == 0) ::pidfd_send_signal(launcher, SIGKILL, nullptr, 0);
    ::_exit(0);
}

}  // namespace

void end_launcher_if_it_stays(Others others) noexcept {
    try {
        pid_t const parent = ::getppid();
        int const patience = patience_with(name_of(parent), others);
        int const launcher = patience > 0 ? ::pidfd_open(parent, 0) : -1;
        int ready[2] = {-1, -1};
        if (launcher < 0 || ::pipe2(ready, O_CLOEXEC) != 0) return;
        if (::fork() == 0) see_it_end(launcher, patience);
        // mpirun kills what is in the process group of a rank: not before the new process has left it, and
        // closed its end.
        ::close(ready[1]);
        pollfd waiting{ready[0], POLLIN, 0};
        ::poll(&waiting, 1, second);
    } catch (...) {  // no memory: the launcher stays
        return;
    }
}

}  // namespace vaster::run
