// A plane between the bars after which the price rose and those after which it fell.
#include <algorithm>
#include <cmath>

#include "learning.hpp"
#include "rules.hpp"
#include "support_vectors.hpp"
#include "vaster/strategies/indicators.hpp"

namespace vaster::strategies {
namespace {

constexpr std::size_t refit_every = 125;  ///< [bars]
constexpr std::size_t first_row = 50;     ///< from here on all features are there
constexpr double least_accuracy = 0.45;   ///< below, a plane is worse than the last move

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

}  // namespace

Series linear_svc_classifier(Input const& in) {
    std::size_t const window = in.period(0);
    double const cost = in.genes[2];
    Rows const rows = as_rows(features(in.bars, in.settings.indicators, in.period(1)));
    std::vector<int> const labels = rises(in.bars.close);
    Series signal(in.size());
    auto const stages = in.is_published() ? look_back(in.size(), window)
                                          : walk_forward(in.size(), first_row, window, refit_every);
    for (Stage const& stage : stages) {
        Scaling const scaling(rows, stage.learn_begin, stage.learn_end);
        Rows const seen = scaling.apply(rows, stage.learn_begin, stage.learn_end);
        auto const seen_labels =
            std::span(labels).subspan(stage.learn_begin, stage.learn_end - stage.learn_begin);
        Separator const separator(seen, seen_labels, cost);
        bool const is_useful = separator.cross_validated_accuracy(in.period(4)) >= least_accuracy;
        Plane const plane =
            separator.separate(std::vector<std::uint32_t>(seen.size(), 1), in.is_published() ? 1e-3 : 1e-2);
        Rows const asked = scaling.apply(rows, stage.use_begin, stage.use_end);
        for (std::size_t i = stage.use_begin; i < stage.use_end; ++i) {
            double const move = i == 0 ? 0 : in.bars.close[i] - in.bars.close[i - 1];
            signal[i] = is_useful ? (plane.side(asked[i - stage.use_begin]) > 0 ? 1 : -1) : sign_of(move);
        }
    }
    return signal;
}

}  // namespace vaster::strategies
