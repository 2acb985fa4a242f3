#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// Mean of numbers of which there are at most 2^32 (the factor by which sums are scaled once they would be
/// beyond the doubles). Powers of two: no digit is lost.
inline constexpr double sum_scale = 0x1p-32;

/// The mean of finite numbers as a finite one, whatever rounding has made of their scaled sum.
[[nodiscard]] inline double mean_of_scaled(double sum, std::uint64_t n) {
    constexpr double most = std::numeric_limits<double>::max();
    return std::clamp(sum / static_cast<double>(n), -most * sum_scale, most * sum_scale) / sum_scale;
}

/// Numbers of a block that is being filled, as their sum, which is never infinite.
class BlockMean {
  public:
    void add(double value) {
        ++n_;
        if (!scaled_) {
            double const sum = sum_ + value;
            if (std::isfinite(sum)) {
                sum_ = sum;
                return;
            }
            sum_ *= sum_scale;
            scaled_ = true;
        }
        sum_ += value * sum_scale;
    }

    [[nodiscard]] std::uint64_t n() const noexcept { return n_; }

    /// Of at least one number.
    [[nodiscard]] double mean() const {
        return scaled_ ? mean_of_scaled(sum_, n_) : sum_ / static_cast<double>(n_);
    }

    /// The number has a bit to spare for what kind of sum follows.
    void save(StateWriter& state) const {
        state.put(scaled_ ? n_ | scaled_bit : n_);
        state.put(sum_);
    }

    void load(StateReader& state) {
        auto const n = state.get<std::uint64_t>();
        n_ = n & ~scaled_bit;
        scaled_ = (n & scaled_bit) != 0;
        sum_ = state.get<double>();
    }

  private:
    static constexpr std::uint64_t scaled_bit = std::uint64_t{1} << 63U;

    std::uint64_t n_ = 0;
    double sum_ = 0;
    bool scaled_ = false;
};

}  // namespace vaster::stream
