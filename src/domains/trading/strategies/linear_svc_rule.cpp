// Planes between the bars after which the price rose and those after which it fell.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/learning.hpp"
#include "domains/trading/strategies/rules.hpp"
#include "domains/trading/strategies/support_vectors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::strategies {
namespace {

constexpr std::size_t refit_every = 125;  ///< [bars]
constexpr std::size_t first_row = 50;     ///< from here on all features are there
constexpr double least_accuracy = 0.45;   ///< below, a plane is worse than the last move
constexpr std::uint64_t sample_seed = 42;

Series difference(View a, View b) {
    Series result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] - b[i];
    return result;
}

Series log_returns(View close) {
    Series result = ratio(close, lagged(close, 1));
    for (double& x : result) x = std::log(x);
    return result;
}

/// Where the close lies between the extremes of n bars, 0 to 1.
Series place_in_range(market::Bars const& bars, std::size_t n) {
    Series const low = rolling_min(bars.low, n);
    return ratio(difference(bars.close, low), difference(rolling_max(bars.high, n), low));
}

/// The first n of 15 features, always in this order.
std::vector<Series> features(market::Bars const& bars, Indicators kind, std::size_t n) {
    View const close = bars.close;
    Series const returns = relative_change(close);
    Series const rsi = relative_strength(close, 14, kind);
    Series const fast = exponential_average(close, 12, kind);
    Series const slow = exponential_average(close, 26, kind);
    Series const macd = difference(fast, slow);
    Series const mean_20 = rolling_mean(close, 20);
    std::vector<Series> all{returns,
                            log_returns(close),
                            rolling_deviation(returns, 20),
                            rsi,
                            macd,
                            place_in_range(bars, 20),
                            ratio(bars.volume, rolling_mean(bars.volume, 20)),
                            ratio(rolling_mean(close, 5), mean_20),
                            ratio(mean_20, rolling_mean(close, 50)),
                            ratio(fast, slow),
                            ratio(volume_weighted_price(bars, 20), mean_20),
                            change(rsi),
                            difference(macd, exponential_average(macd, 9, kind)),
                            rolling_sum(returns, 3),
                            rolling_sum(returns, 5)};
    all.resize(std::min(n, all.size()));
    return all;
}

/// Whether the price rises over the horizon: 1 or -1. Where that is not known yet: -1.
std::vector<int> rises(View close) {
    std::vector<int> result(close.size(), -1);
    for (std::size_t i = 0; i + horizon < close.size(); ++i)
        result[i] = close[i + horizon] > close[i] ? 1 : -1;
    return result;
}

/// The planes that vote: the first is of all rows, the others of bootstrap samples of them.
/// Breiman (1996), doi:10.1007/BF00058655.
std::vector<Plane> ensemble(Input const& in, Separator const& separator, LearningStep const& step) {
    std::size_t const n = step.learn_end - step.learn_begin;
    std::vector<std::uint32_t> times(n, 1);
    // Published: the members learn from the same rows, so that one is all of them.
    if (in.is_published()) return {separator.separate(times, 1e-3)};
    std::vector<Plane> members{separator.separate(times, 1e-2)};
    for (std::size_t member = 1; member < in.period(3); ++member) {
        Random random = random_stream(
            sample_seed, fmt::format("Linear_SVC_Classifier bar={} member={}", step.use_begin, member),
            Purpose::fit);
        std::fill(times.begin(), times.end(), 0U);
        for (std::size_t i = 0; i < n; ++i) ++times[random.below(n)];
        members.push_back(separator.separate(times, 1e-2));
    }
    return members;
}

/// Above 0 where the members' mean probability of a rise is above a half. A member's is
/// 1 / (1 + exp(-side)), which is above a half by tanh(side / 2) / 2.
double vote(std::vector<Plane> const& members, std::span<double const> x) {
    double sum = 0;
    for (Plane const& member : members) sum += std::tanh(member.side(x) / 2);
    return sum;
}

}  // namespace

Series linear_svc_classifier(Input const& in) {
    std::size_t const window = in.period(0);
    double const cost = in.genes[2];
    Rows const rows = as_rows(features(in.bars, in.settings.indicators, in.period(1)));
    std::vector<int> const labels = rises(in.bars.close);
    Series signal(in.size());
    auto const steps = in.is_published() ? look_back(in.size(), window)
                                         : walk_forward(in.size(), first_row, window, refit_every);
    for (LearningStep const& step : steps) {
        Scaling const scaling(rows, step.learn_begin, step.learn_end);
        Rows const seen = scaling.apply(rows, step.learn_begin, step.learn_end);
        auto const seen_labels =
            std::span(labels).subspan(step.learn_begin, step.learn_end - step.learn_begin);
        Separator const separator(seen, seen_labels, cost);
        bool const is_useful = separator.cross_validated_accuracy(in.period(4)) >= least_accuracy;
        auto const members = ensemble(in, separator, step);
        Rows const asked = scaling.apply(rows, step.use_begin, step.use_end);
        for (std::size_t i = step.use_begin; i < step.use_end; ++i) {
            double const move = i == 0 ? 0 : in.bars.close[i] - in.bars.close[i - 1];
            signal[i] = is_useful ? (vote(members, asked[i - step.use_begin]) > 0 ? 1 : -1) : sign_of(move);
        }
    }
    return signal;
}

}  // namespace vaster::strategies
