#pragma once

#include <cstdint>
#include <optional>

#include "domains/service/exact/accumulator.hpp"

namespace vaster::service {

/// Count, sum, mean, variance and extremes of numbers, each rounded once, from exact sums: the same bits for
/// any order and any division of the numbers. NaN counts as missing; infinities give what IEEE arithmetic
/// gives: an infinite sum, NaN where both signs are among them, and no variance.
class Moments {
  public:
    void add(double value);

    void add_missing() { ++missing_; }

    void add(Moments const& other);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    [[nodiscard]] std::uint64_t missing() const noexcept { return missing_; }

    /// 0 of no numbers.
    [[nodiscard]] double sum() const;

    /// Nothing: of no numbers.
    [[nodiscard]] std::optional<double> mean() const;
    [[nodiscard]] std::optional<double> least() const;
    [[nodiscard]] std::optional<double> most() const;

    /// (Q - S^2 / n) / (n - 1), with the sums S of the numbers and Q of their squares; nothing: of fewer than
    /// two.
    [[nodiscard]] std::optional<double> variance() const;

    /// Its square root.
    [[nodiscard]] std::optional<double> standard_deviation() const;

  private:
    /// The sum that infinities make; nothing: there are none.
    [[nodiscard]] std::optional<double> infinite_sum() const;

    std::uint64_t count_ = 0;
    std::uint64_t missing_ = 0;
    std::uint64_t plus_infinities_ = 0;
    std::uint64_t minus_infinities_ = 0;
    double least_ = 0;  ///< of one number or more
    double most_ = 0;
    Accumulator sum_;
    Accumulator squares_;
};

}  // namespace vaster::service
