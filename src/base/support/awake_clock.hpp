#pragma once

#include <algorithm>

#include "base/support/clock.hpp"

namespace vaster {

/// Seconds in which this process was looking: a rank that was itself stopped for an hour has not waited for
/// an hour.
class AwakeClock {
  public:
    double look() {
        constexpr double longest_gap = 1;
        double const now = monotonic_seconds();
        awake_ += std::min(now - last_look_, longest_gap);
        last_look_ = now;
        return awake_;
    }

  private:
    double last_look_ = monotonic_seconds();
    double awake_ = 0;
};

}  // namespace vaster
