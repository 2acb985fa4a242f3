#include "base/stats/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

bool has_quantiles(std::span<double const> values) {
    return !values.empty() &&
           std::none_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

double quantile_of_numbers(std::span<double> values, double p) {
    double const h = static_cast<double>(values.size() - 1) * p;
    auto const below = static_cast<std::size_t>(h);
    auto const place = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), place, values.end());
    if (below + 1 == values.size()) return *place;
    double const above = *std::min_element(place + 1, values.end());
    double const weight = h - static_cast<double>(below);
    return weight > 0 ? *place + weight * (above - *place) : *place;
}

}  // namespace

double quantile(std::span<double> values, double p) {
    VASTER_EXPECTS(p >= 0 && p <= 1);
    return has_quantiles(values) ? quantile_of_numbers(values, p) : missing;
}

Interval percentile_interval(std::span<double> values, double confidence) {
    VASTER_EXPECTS(confidence > 0 && confidence < 1);
    if (!has_quantiles(values)) return {missing, missing};
    return {quantile_of_numbers(values, (1 - confidence) / 2),
            quantile_of_numbers(values, (1 + confidence) / 2)};
}

}  // namespace vaster::stats
