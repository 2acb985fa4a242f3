#include "core/engine/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace vaster::engine {
namespace {

volatile std::sig_atomic_t stop_flag = 0;
volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t status_flag = 0;

bool is_ignored(int number) {
    struct sigaction before {};

    return sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
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
    for (int const number : {SIGTERM, SIGINT, SIGXCPU, SIGUSR1, SIGUSR2}) sigaction(number, &action, nullptr);
    if (!is_ignored(SIGHUP)) sigaction(SIGHUP, &action, nullptr);  // nohup means it
    std::signal(SIGPIPE, SIG_IGN);
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
