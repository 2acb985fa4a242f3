#include "domains/va/prediction/fraction_intervals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/stats/quantile.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A Poisson number of mean 1, by inversion: P(at most k), k = 0, 1, ...
std::int64_t poisson_of_mean_one(Random& random) {
    double const u = random.uniform();
    double term = 1 / std::numbers::e;
    double below = term;
    std::int64_t k = 0;
    constexpr std::int64_t most = 30;
    while (u >= below && k < most) {
        ++k;
        term /= static_cast<double>(k);
        below += term;
    }
    return k;
}

/// The fractions when bucket b counts weights[b] times, into column `resample` of values[cause][resample].
void add_resample(CauseSums const& group, std::span<std::int64_t const> weights, std::size_t resample,
                  std::vector<std::vector<double>>& values) {
    __extension__ using Wide = __int128;
    std::vector<Wide> sums(group.n_causes);
    bool const has_weights = group.weighted() == Weighted::yes;
    std::int64_t n = 0;
    Wide weight = 0;
    for (std::size_t bucket = 0; bucket < group.n_buckets; ++bucket) {
        if (weights[bucket] == 0) continue;
        n += weights[bucket] * group.deaths[bucket];
        if (has_weights) weight += static_cast<Wide>(weights[bucket]) * group.weights[bucket];
        std::int64_t const* const row = group.sums.data() + bucket * group.n_causes;
        for (std::size_t c = 0; c < group.n_causes; ++c)
            sums[c] += static_cast<Wide>(weights[bucket]) * row[c];
    }
    double const all = has_weights ? static_cast<double>(weight) : static_cast<double>(n) * parts_of_one;
    for (std::size_t c = 0; c < group.n_causes; ++c) values[c][resample] = static_cast<double>(sums[c]) / all;
}

/// Weights with which at least one death counts.
std::vector<std::int64_t> drawn_weights(CauseSums const& group, Random& random) {
    std::vector<std::int64_t> weights(group.n_buckets);
    for (bool some = false; !some;) {
        for (std::size_t bucket = 0; bucket < group.n_buckets; ++bucket) {
            weights[bucket] = poisson_of_mean_one(random);
            some = some || (weights[bucket] > 0 && group.deaths[bucket] > 0);
        }
    }
    return weights;
}

double on_scale(double fraction) {
    return std::asin(std::sqrt(std::clamp(fraction, 0.0, 1.0)));
}

double turned_back(double scaled) {
    double const s = std::sin(std::clamp(scaled, 0.0, std::numbers::pi / 2));
    return s * s;
}

}  // namespace

std::vector<stats::Interval> sampling_intervals(CauseSums const& group, std::uint64_t seed,
                                                std::size_t n_resamples) {
    std::vector<stats::Interval> intervals(group.n_causes, stats::Interval{nan, nan});
    if (deaths_of(group) < 2) return intervals;
    std::vector<std::vector<double>> values(group.n_causes, std::vector<double>(n_resamples));
    Random random = random_stream(seed, "cause fractions", Purpose::resample);
    for (std::size_t resample = 0; resample < n_resamples; ++resample)
        add_resample(group, drawn_weights(group, random), resample, values);
    for (std::size_t c = 0; c < group.n_causes; ++c) intervals[c] = stats::percentile_interval(values[c]);
    return intervals;
}

std::optional<double> transfer_error(UnseenSites const& sites) {
    constexpr std::size_t least_sites = 3;
    VASTER_EXPECTS(sites.truth.size() == sites.n_sites * sites.n_causes &&
                   sites.predicted.size() == sites.truth.size());
    if (sites.n_sites < least_sites) return std::nullopt;
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < sites.truth.size(); ++i) {
        if (!(sites.truth[i] > 0) && !(sites.predicted[i] > 0)) continue;
        double const d = on_scale(sites.truth[i]) - on_scale(sites.predicted[i]);
        sum += d * d;
        ++n;
    }
    if (n == 0) return std::nullopt;
    return std::sqrt(sum / static_cast<double>(n));
}

stats::Interval transfer_interval(double fraction, double error, double n_deaths) {
    constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution
    double const half = z * std::sqrt(error * error + 1 / (4 * n_deaths));
    double const middle = on_scale(fraction);
    return {turned_back(middle - half), turned_back(middle + half)};
}

}  // namespace vaster::va
