#include "domains/trading/indicators/indicators.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Means of n that go over into y + weight (x - y). Numbers that are missing at the beginning are left out.
Series smoothed(View x, std::size_t n, double weight) {
    VASTER_EXPECTS(n >= 1);
    Series result(x.size(), missing);
    std::size_t seen = 0;
    double average = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        ++seen;
        if (seen <= n)
            average += (x[i] - average) / static_cast<double>(seen);
        else
            average += weight * (x[i] - average);
        if (seen >= n) result[i] = average;
    }
    return result;
}

struct Moves {
    Series gains;
    Series losses;
};

/// Ups and downs of x; on the first bar there are none: `first`.
Moves moves_of(View x, double first) {
    Moves result{Series(x.size(), first), Series(x.size(), first)};
    for (std::size_t i = 1; i < x.size(); ++i) {
        double const move = x[i] - x[i - 1];
        result.gains[i] = move > 0 ? move : 0;
        result.losses[i] = move < 0 ? -move : 0;
    }
    return result;
}

Series strength_of(View gain, View loss, double nothing_moved) {
    Series result(gain.size());
    for (std::size_t i = 0; i < gain.size(); ++i) {
        double const total = gain[i] + loss[i];
        result[i] = total == 0 ? nothing_moved : 100 * gain[i] / total;
    }
    return result;
}

}  // namespace

Series exponential_average(View x, std::size_t span, Indicators kind) {
    double const weight = 2 / (static_cast<double>(span) + 1);
    if (kind == Indicators::talib) return smoothed(x, span, weight);
    Series result(x.size(), missing);
    double sum = 0;
    double weights = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum *= 1 - weight;
        weights *= 1 - weight;
        if (!std::isnan(x[i])) {
            sum += x[i];
            weights += 1;
        }
        if (weights > 0) result[i] = sum / weights;
    }
    return result;
}

Series wilder_average(View x, std::size_t n) {
    return smoothed(x, n, 1 / static_cast<double>(n));
}

Series relative_strength(View x, std::size_t n, Indicators kind) {
    if (kind == Indicators::talib) {
        auto const moves = moves_of(x, missing);
        return strength_of(wilder_average(moves.gains, n), wilder_average(moves.losses, n), 0);
    }
    auto const moves = moves_of(x, 0);
    return strength_of(rolling_mean(moves.gains, n, 1), rolling_mean(moves.losses, n, 1), 50);
}

Series true_range(market::Bars const& bars) {
    Series result(bars.size());
    for (std::size_t i = 0; i < bars.size(); ++i) {
        result[i] = bars.high[i] - bars.low[i];
        if (i == 0) continue;
        double const before = bars.close[i - 1];
        result[i] = std::max({result[i], std::abs(bars.high[i] - before), std::abs(bars.low[i] - before)});
    }
    return result;
}

Series average_true_range(market::Bars const& bars, std::size_t n, Indicators kind) {
    Series range = true_range(bars);
    if (kind == Indicators::standard) return rolling_mean(range, n);
    if (!range.empty()) range[0] = missing;
    return wilder_average(range, n);
}

Bands bollinger_bands(View x, std::size_t n, double width, Indicators kind) {
    Bands bands{{}, rolling_mean(x, n), {}};
    Series const deviation =
        rolling_deviation(x, n, kind == Indicators::talib ? Deviation::population : Deviation::sample);
    for (std::size_t i = 0; i < x.size(); ++i) {
        bands.upper.push_back(bands.middle[i] + width * deviation[i]);
        bands.lower.push_back(bands.middle[i] - width * deviation[i]);
    }
    return bands;
}

Series stochastic_k(market::Bars const& bars, std::size_t n) {
    Series const high = rolling_max(bars.high, n);
    Series const low = rolling_min(bars.low, n);
    Series result(bars.size());
    for (std::size_t i = 0; i < bars.size(); ++i) {
        double const range = high[i] - low[i];
        result[i] = 100 * (bars.close[i] - low[i]) / (range == 0 ? 0.01 : range);
    }
    return result;
}

Series middle_of_range(market::Bars const& bars, std::size_t n) {
    Series result = rolling_max(bars.high, n);
    Series const low = rolling_min(bars.low, n);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = (result[i] + low[i]) / 2;
    return result;
}

Series typical_price(market::Bars const& bars) {
    Series result(bars.size());
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
    return result;
}

Series volume_weighted_price(market::Bars const& bars, std::size_t n) {
    Series worth = typical_price(bars);
    for (std::size_t i = 0; i < worth.size(); ++i) worth[i] *= bars.volume[i];
    return ratio(rolling_sum(worth, n), rolling_sum(bars.volume, n));
}

Series volume_weighted_deviation(market::Bars const& bars, View vwap, std::size_t n) {
    Series squares = typical_price(bars);
    for (std::size_t i = 0; i < squares.size(); ++i) {
        double const distance = squares[i] - vwap[i];
        squares[i] = distance * distance * bars.volume[i];
    }
    Series result = ratio(rolling_sum(squares, n), rolling_sum(bars.volume, n));
    for (double& x : result) x = std::sqrt(std::max(x, 0.0));
    return result;
}

Series on_balance_volume(market::Bars const& bars) {
    Series result(bars.size());
    double sum = 0;
    for (std::size_t i = 1; i < bars.size(); ++i) {
        double const move = bars.close[i] - bars.close[i - 1];
        if (move != 0) sum += move > 0 ? bars.volume[i] : -bars.volume[i];
        result[i] = sum;
    }
    return result;
}

Series kernel_average(View x, double bandwidth, Kernel kernel) {
    VASTER_EXPECTS(bandwidth >= 1);
    auto const begin = static_cast<std::size_t>(bandwidth);
    auto const reach = static_cast<std::size_t>(2 * bandwidth);
    Series weights(reach);
    for (std::size_t k = 0; k < reach; ++k) {
        double const u = static_cast<double>(k) / bandwidth;
        weights[k] = kernel == Kernel::gauss ? std::exp(-0.5 * u * u) : std::max(0.0, 0.75 * (1 - u * u));
    }
    Series result(x.size());
    double sum_so_far = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum_so_far += i < begin ? x[i] : 0;
        double sum = 0;
        double total = 0;
        for (std::size_t k = 0; k < std::min(reach, i + 1); ++k) {
            sum += weights[k] * x[i - k];
            total += weights[k];
        }
        result[i] = i < begin ? sum_so_far / static_cast<double>(i + 1) : sum / total;
    }
    return result;
}

Series trend_strength(View x, View fast, View slow, std::size_t n) {
    Series together = relative_change(x, 3);
    Series const fast_change = relative_change(fast, 3);
    for (std::size_t i = 0; i < x.size(); ++i) together[i] *= fast_change[i];
    together = rolling_mean(together, 5);
    Series const above = rolling_mean(indicator(x.size(), [&](std::size_t i) { return x[i] > fast[i]; }), n);
    Series result(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        double sum = 0;
        int parts = 0;
        for (double const part : {std::min(50 * std::abs(fast[i] - slow[i]) / slow[i], 1.0),
                                  std::min(10 * std::abs(together[i]), 1.0), std::abs(2 * above[i] - 1)}) {
            if (std::isnan(part)) continue;
            sum += part;
            ++parts;
        }
        result[i] = sum / parts;
    }
    return result;
}

Overview overview(market::Bars const& bars, Indicators kind) {
    Overview result{rolling_mean(bars.close, 20),
                    rolling_mean(bars.close, 50),
                    relative_strength(bars.close, 14, kind),
                    bollinger_bands(bars.close, 20, 2, kind),
                    rolling_mean(bars.volume, 20),
                    relative_change(bars.close, 5)};
    for (double& x : result.momentum) x *= 100;
    return result;
}

}  // namespace vaster::strategies
