#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vaster/support/random.hpp"

namespace vaster::stream {

/// When records arrive at a worker, fixed before the first one is taken: nothing that the worker does changes
/// it.
class ArrivalSchedule {
  public:
    /// Record i arrives at i / rate; those before the end.
    /// @param rate  [1/s]. @param seconds  the end
    [[nodiscard]] static ArrivalSchedule constant(double rate, double seconds);

    /// Gaps between arrivals are exponential, independent, and 1 / rate on average: a Poisson process.
    [[nodiscard]] static ArrivalSchedule poisson(double rate, double seconds, Random random);

    /// At times that the data say, again and again until the end: the n-th time they are n x period later.
    /// @param times   of a pass, not negative; one that is earlier than the one before arrives with that [s]
    /// @param period  at least the last of them [s]; 0: a single pass
    [[nodiscard]] static ArrivalSchedule repeated(std::vector<double> times, double period, double seconds);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// When a record arrives [s].
    [[nodiscard]] double at(std::uint64_t record) const {
        return times_.empty() ? static_cast<double>(record) / rate_ : times_[record];
    }

    /// How many have arrived at that moment or before.
    [[nodiscard]] std::uint64_t arrived_by(double seconds) const;

    /// Records a second over the whole of it, as far as it goes.
    [[nodiscard]] double mean_rate(double seconds) const { return static_cast<double>(size_) / seconds; }

  private:
    std::uint64_t size_ = 0;
    double rate_ = 1;            ///< where there are no times
    std::vector<double> times_;  ///< not falling
};

}  // namespace vaster::stream
