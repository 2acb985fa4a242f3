#pragma once

#include <algorithm>

namespace vaster::mpi {

/// How long a rank that waits for a message sleeps before it looks again: 20 us at first, twice as long each
/// time nothing was there, at most 2 ms. A blocking MPI call would spin a whole core instead.
class Backoff {
  public:
    static constexpr double first_seconds = 20e-6;
    static constexpr double longest_seconds = 2e-3;

    /// The next pause in seconds.
    [[nodiscard]] double next() noexcept {
        double const pause = pause_;
        pause_ = std::min(2 * pause_, longest_seconds);
        return pause;
    }

    /// Something was there.
    void reset() noexcept { pause_ = first_seconds; }

    /// Sleeps for next().
    void wait();

  private:
    double pause_ = first_seconds;
};

}  // namespace vaster::mpi
