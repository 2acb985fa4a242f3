#pragma once

#include <span>

#include "base/stats/interval.hpp"

namespace vaster::stats {

/// Sample quantile of type 7, the default of R and NumPy: with h = (n - 1) p and sorted x,
///     x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h])
/// Reorders the values. NaN when there are no values or one of them is NaN.
/// @param p  in [0, 1]
/// Hyndman and Fan (1996), doi:10.1080/00031305.1996.10473566.
[[nodiscard]] double quantile(std::span<double> values, double p);

/// Bootstrap percentile interval: the quantiles at (1 - confidence) / 2 and (1 + confidence) / 2. Reorders
/// the values. NaN ends when there are no values or one of them is NaN. Efron and Tibshirani (1993), An
/// Introduction to the Bootstrap, section 13.3.
[[nodiscard]] Interval percentile_interval(std::span<double> values, double confidence = 0.95);

}  // namespace vaster::stats
