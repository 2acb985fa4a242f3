#include "vaster/engine/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace vaster::engine {
namespace {

volatile std::sig_atomic_t stop_flag = 0;

extern "C" void set_stop_flag(int) {
    stop_flag = 1;
}

}  // namespace

void install_stop_handlers() {
    struct sigaction action {};

    action.sa_handler = set_stop_flag;
    sigemptyset(&action.sa_mask);
    for (int const number : {SIGTERM, SIGINT, SIGUSR1}) sigaction(number, &action, nullptr);
}

bool stop_requested() noexcept {
    return stop_flag != 0;
}

}  // namespace vaster::engine
