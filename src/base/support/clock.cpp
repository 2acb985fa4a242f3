#include "base/support/clock.hpp"

#include <chrono>
#include <cmath>

#include <fmt/chrono.h>

namespace vaster {

double monotonic_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_text(double wall_seconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(wall_seconds)));
}

std::string utc_text_with_milliseconds(double wall_seconds) {
    double const whole = std::floor(wall_seconds);
    auto const milliseconds = static_cast<int>((wall_seconds - whole) * 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(whole)),
                       milliseconds);
}

}  // namespace vaster
