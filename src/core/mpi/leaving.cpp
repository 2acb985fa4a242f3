#include "core/mpi/leaving.hpp"

#include <csignal>

#include <unistd.h>

#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"

namespace vaster::mpi {
namespace {

int exit_code_when_late = 0;

extern "C" void leave_late(int) {
    ::_exit(exit_code_when_late);
}

}  // namespace

void leave_within(unsigned seconds, ExitCode code) {
    exit_code_when_late = static_cast<int>(code);

    struct sigaction action {};

    action.sa_handler = leave_late;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGALRM, &action, nullptr);
    ::alarm(seconds);
}

void leave_at_once(std::string const& why, std::function<void()> const& before) {
    constexpr unsigned seconds_to_say_so = 3;
    leave_within(seconds_to_say_so, ExitCode::partial);
    before();
    say("{}: {}", program_name(), why);
    ::_exit(static_cast<int>(ExitCode::partial));
}

}  // namespace vaster::mpi
