#include "base/stats/paired_tests.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "base/stats/distributions.hpp"
#include "base/stats/summary.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Distribution of size * X, X ~ Binomial(n, 1/2), added to that of `sum`; both cut above sum.size() - 1.
std::vector<double> add_scaled(std::vector<double> const& sum, std::uint64_t size, std::uint64_t n) {
    std::vector<double> more(sum.size(), 0.0);
    for (std::uint64_t k = 0; k <= n && k * size < sum.size(); ++k) {
        double const weight = binomial_mass(k, n, 0.5);
        std::uint64_t const shift = k * size;
        for (std::uint64_t t = 0; t + shift < sum.size(); ++t) more[t + shift] += weight * sum[t];
    }
    return more;
}

/// Of a symmetric statistic: `below` = P(less than or equal to the nearer end), `at` = P(exactly there).
ExactTest two_sided(double below, double at, bool centred) {
    if (centred) return {1, 1 - at / 2};
    double const p = std::min(1.0, 2 * below);
    return {p, p - at};
}

}  // namespace

ExactTest mcnemar_test(std::uint64_t only_first, std::uint64_t only_second) {
    std::uint64_t const n = only_first + only_second;
    if (n == 0) return {};
    std::uint64_t const fewer = std::min(only_first, only_second);
    return two_sided(binomial_cdf(fewer, n, 0.5), binomial_mass(fewer, n, 0.5), only_first == only_second);
}

ExactTest sign_flip_test(std::span<std::int64_t const> differences) {
    std::map<std::uint64_t, std::uint64_t> cases_of_size;
    std::uint64_t total = 0;
    std::int64_t signed_total = 0;
    for (std::int64_t const difference : differences) {
        auto const size = static_cast<std::uint64_t>(std::abs(difference));
        if (size == 0) continue;
        ++cases_of_size[size];
        total += size;
        signed_total += difference;
    }
    if (total == 0) return {};
    // sum s_i |d_i| = 2 T - total, T = sum over sizes of size * Binomial(cases, 1/2): the lower tail of T.
    std::uint64_t const end = (total - static_cast<std::uint64_t>(std::abs(signed_total))) / 2;
    std::vector<double> tail(end + 1, 0.0);
    tail[0] = 1;
    for (auto const& [size, cases] : cases_of_size) tail = add_scaled(tail, size, cases);
    return two_sided(std::accumulate(tail.begin(), tail.end(), 0.0), tail.back(), signed_total == 0);
}

MeanTest corrected_resampled_t(std::span<double const> differences, double test_train_ratio,
                               double confidence) {
    VASTER_EXPECTS(test_train_ratio >= 0 && confidence > 0 && confidence < 1);
    Summary const summary = summarise(differences);
    MeanTest test{summary.n, summary.mean, missing, {missing, missing}, missing};
    if (summary.n < 2) return test;
    double const freedom = static_cast<double>(summary.n) - 1;
    test.standard_error = summary.sd * std::sqrt(1 / (freedom + 1) + test_train_ratio);
    double const half = student_t_quantile((1 + confidence) / 2, freedom) * test.standard_error;
    test.interval = {test.mean - half, test.mean + half};
    double const t = std::abs(test.mean) / test.standard_error;
    if (!std::isnan(t)) test.p = std::isinf(t) ? 0 : std::min(1.0, 2 * student_t_cdf(-t, freedom));
    return test;
}

double shifted_bootstrap_p(std::span<double const> resamples, double observed) {
    if (resamples.empty() || std::isnan(observed)) return missing;
    double const mean = summarise(resamples).mean;
    double const distance = std::abs(observed);
    constexpr double rounding = 1e-12;  // of sums in another order: as far is at least as far
    auto const as_far = std::count_if(resamples.begin(), resamples.end(), [&](double value) {
        return std::abs(value - mean) >= distance - rounding;
    });
    return static_cast<double>(as_far + 1) / static_cast<double>(resamples.size() + 1);
}

double smallest_sign_flip_p(std::size_t n) {
    return n == 0 ? 1 : std::ldexp(2.0, -static_cast<int>(std::min<std::size_t>(n, 1000)));
}

std::vector<double> holm_adjusted(std::span<double const> p_values) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p_values.size(); ++i)
        if (!std::isnan(p_values[i])) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<double> adjusted(p_values.size(), missing);
    double largest = 0;
    for (std::size_t j = 0; j < order.size(); ++j) {
        largest = std::max(largest, static_cast<double>(order.size() - j) * p_values[order[j]]);
        adjusted[order[j]] = std::min(1.0, largest);
    }
    return adjusted;
}

}  // namespace vaster::stats
