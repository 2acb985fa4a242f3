#pragma once

#include <cstddef>
#include <span>

#include "base/stats/interval.hpp"

namespace vaster::stats {

/// What a few numbers say together.
struct Summary {
    std::size_t n = 0;
    double mean = 0;  ///< NaN when n = 0
    double sd = 0;    ///< sample standard deviation, divisor n - 1; NaN when n < 2
};

/// A NaN among the values makes mean and sd NaN: leave missing values out first, and say so.
[[nodiscard]] Summary summarise(std::span<double const> values);

/// Interval for the mean of a normal population: mean +- t_{n-1}((1 + confidence) / 2) sd / sqrt(n). NaN when
/// n < 2.
[[nodiscard]] Interval t_interval(Summary const& summary, double confidence = 0.95);

}  // namespace vaster::stats
