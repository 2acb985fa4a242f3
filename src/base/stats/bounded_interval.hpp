#pragma once

#include <limits>

#include "base/stats/interval.hpp"

namespace vaster::stats {

/// The values that a quantity can have.
struct Range {
    double lo = -std::numeric_limits<double>::infinity();
    double hi = std::numeric_limits<double>::infinity();
};

/// Student's t interval for a mean that lies in a bounded range, which it never leaves: a t interval of
/// g(m) = log(u / (1 - u)), u = (m - lo) / (hi - lo), whose standard error is that of m times |g'(m)| (the
/// delta method), carried back:
///     lo + (hi - lo) / (1 + exp(-(g(m) -+ t_freedom((1 + confidence) / 2) se g'(m)))),
///     g'(m) = 1 / ((hi - lo) u (1 - u))
/// It lies around the mean, and is the plain interval where that is short. Without both bounds, and for a
/// mean on a bound, it is the plain interval within the range.
/// @param mean            in `range`
/// @param standard_error  of the mean; NaN gives NaN
/// @param freedom         degrees of freedom of the standard error, at least 1
/// @param confidence      in (0, 1)
/// Agresti (2013), Categorical Data Analysis, 3rd edition, sections 3.1.4 and 3.1.6 (delta method, intervals
/// of a logit carried back to the proportion); Brown, Cai and DasGupta (2001), doi:10.1214/ss/1009213286, the
/// "logit interval". With a t quantile for the normal one, since the standard error is estimated from a few
/// values.
[[nodiscard]] Interval bounded_t_interval(double mean, double standard_error, double freedom,
                                          Range const& range, double confidence = 0.95);

/// The part of an interval that lies in the range. What is cut off cannot be true, so the level stays.
[[nodiscard]] Interval within(Interval const& interval, Range const& range);

}  // namespace vaster::stats
