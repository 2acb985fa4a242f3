#include "base/stats/summary.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "base/stats/distributions.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Summary summarise(std::span<double const> values) {
    auto const n = static_cast<double>(values.size());
    if (values.empty()) return {0, missing, missing};
    double const mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (double const value : values) squares += (value - mean) * (value - mean);
    return {values.size(), mean, values.size() < 2 ? missing : std::sqrt(squares / (n - 1))};
}

Interval t_interval(Summary const& summary, double confidence) {
    VASTER_EXPECTS(confidence > 0 && confidence < 1);
    if (summary.n < 2) return {missing, missing};
    auto const n = static_cast<double>(summary.n);
    double const half = student_t_quantile((1 + confidence) / 2, n - 1) * summary.sd / std::sqrt(n);
    return {summary.mean - half, summary.mean + half};
}

}  // namespace vaster::stats
