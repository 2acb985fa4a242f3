#include "domains/stream/load/wait_clock.hpp"

#include <cmath>
#include <ctime>

#include <sys/prctl.h>

#include "base/support/clock.hpp"

namespace vaster::stream {
namespace {

constexpr double spun = 50e-6;  ///< [s]

}  // namespace

MachineClock::MachineClock(double start) : start_(start) {
    ::prctl(PR_SET_TIMERSLACK, 1UL);  // of this thread [ns]
}

double MachineClock::now() {
    return monotonic_seconds() - start_;
}

void MachineClock::wait_until(double seconds) {
    double const left = seconds - now() - spun;
    if (left > 0) {
        constexpr double nano = 1e9;
        double const whole = std::floor(left);
        timespec const pause{static_cast<time_t>(whole), static_cast<long>((left - whole) * nano)};
        ::nanosleep(&pause, nullptr);  // woken up by a signal: the rest is spun
    }
    while (now() < seconds) {
    }
}

}  // namespace vaster::stream
