#include "base/stats/bounded_interval.hpp"

#include <algorithm>
#include <cmath>

#include "base/stats/distributions.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stats {

Interval bounded_t_interval(double mean, double standard_error, double freedom, Range const& range,
                            double confidence) {
    VASTER_EXPECTS(confidence > 0 && confidence < 1 && range.lo < range.hi);
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    if (std::isnan(mean) || std::isnan(standard_error)) return {missing, missing};
    double const half = student_t_quantile((1 + confidence) / 2, freedom) * standard_error;
    double const width = range.hi - range.lo;
    double const place = (mean - range.lo) / width;
    bool const has_logit = std::isfinite(width) && place > 0 && place < 1;
    if (!has_logit) return within({mean - half, mean + half}, range);
    double const logit = std::log(place / (1 - place));
    double const step = half / (width * place * (1 - place));
    auto const back = [&](double x) { return range.lo + width / (1 + std::exp(-x)); };
    return {back(logit - step), back(logit + step)};
}

Interval within(Interval const& interval, Range const& range) {
    return {std::clamp(interval.lo, range.lo, range.hi), std::clamp(interval.hi, range.lo, range.hi)};
}

}  // namespace vaster::stats
