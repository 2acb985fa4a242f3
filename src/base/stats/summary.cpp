#include "base/stats/summary.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// The continued fraction of DLMF 8.17.22, which converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
    constexpr double tiny = 1e-300;
    auto const away_from_zero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1;
    double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int m = 1; m <= 10000; ++m) {
        double const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        fraction *= d * c;
        double const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        fraction *= d * c;
        if (std::abs(d * c - 1) < 1e-16) break;
    }
    return fraction;
}

/// P(T > t) for t >= 0, accurate far out in the tail.
double upper_tail(double t, double degrees_of_freedom) {
    return incomplete_beta(degrees_of_freedom / 2, 0.5, degrees_of_freedom / (degrees_of_freedom + t * t)) /
           2;
}

/// The t >= 0 with P(T > t) = tail, 0 < tail <= 1/2.
double upper_quantile(double tail, double degrees_of_freedom) {
    double low = 0;
    double high = 1;
    while (upper_tail(high, degrees_of_freedom) > tail) {
        low = high;
        high *= 2;
    }
    for (;;) {
        double const middle = std::midpoint(low, high);
        if (middle <= low || middle >= high) return high;
        (upper_tail(middle, degrees_of_freedom) > tail ? low : high) = middle;
    }
}

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

double incomplete_beta(double a, double b, double x) {
    VASTER_EXPECTS(a > 0 && b > 0 && x >= 0 && x <= 1);
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    double const front =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                     : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_t_cdf(double t, double degrees_of_freedom) {
    VASTER_EXPECTS(degrees_of_freedom > 0);
    double const tail = upper_tail(std::abs(t), degrees_of_freedom);
    return t > 0 ? 1 - tail : tail;
}

double student_t_quantile(double p, double degrees_of_freedom) {
    VASTER_EXPECTS(p > 0 && p < 1 && degrees_of_freedom > 0);
    return p < 0.5 ? -upper_quantile(p, degrees_of_freedom) : upper_quantile(1 - p, degrees_of_freedom);
}

}  // namespace vaster::stats
