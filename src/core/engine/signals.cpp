#include "core/engine/signals.hpp"

#include <csignal>
#include <vector>

namespace vaster::engine {
namespace {

volatile std::sig_atomic_t stop_flag = 0;
volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t status_flag = 0;

/// Does it end this process, as far as anybody has said? Not where a parent ignores it (nohup), or a profiler
/// counts by it.
bool ends_this_process(int number) {
    struct sigaction before {};

    return sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL;
}

extern "C" void set_flag(int number) {
    if (number == SIGUSR2) {
        status_flag = 1;
        return;
    }
    stop_flag = 1;
    if (number == SIGINT && interrupts < 2) interrupts = interrupts + 1;
}

}  // namespace

void install_stop_handlers() {
    struct sigaction action {};

    action.sa_handler = set_flag;
    sigemptyset(&action.sa_mask);
    for (int const number : stop_signals()) {
        bool const always = number == SIGTERM || number == SIGINT || number == SIGXCPU || number == SIGUSR1;
        if (always || ends_this_process(number)) sigaction(number, &action, nullptr);
    }
    sigaction(SIGUSR2, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

std::vector<int> const& stop_signals() {
    static std::vector<int> const numbers = [] {
        std::vector<int> all{SIGTERM, SIGINT,    SIGHUP,  SIGXCPU, SIGUSR1,
                             SIGALRM, SIGVTALRM, SIGPROF, SIGPWR,  SIGIO};
        for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) all.push_back(number);
        return all;
    }();
    return numbers;
}

Stop stop_requested() noexcept {
    if (interrupts >= 2) return Stop::now;
    return stop_flag != 0 ? Stop::drain : Stop::no;
}

bool take_status_request() noexcept {
    if (status_flag == 0) return false;
    status_flag = 0;
    return true;
}

}  // namespace vaster::engine
