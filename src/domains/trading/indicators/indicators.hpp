#pragma once

#include <cstddef>
#include <cstdint>

#include "domains/trading/indicators/rolling.hpp"
#include "domains/trading/market/bars.hpp"

namespace vaster::strategies {

/// How RSI, ATR, Bollinger's bands and exponential averages are computed.
enum class Indicators : std::uint8_t {
    standard,  ///< simple averages, sample deviation, weights that sum to 1 from the first bar
    talib,     ///< as TA-Lib: Wilder's smoothing, population deviation, averages begun by a simple one
};

// Indicators of technical analysis: one value a bar, NaN while there are too few bars. `Indicators::talib`
// gives the numbers of TA-Lib (https://ta-lib.org, src/tools/ta_regtest has its reference numbers).

/// Exponential average of span n, weight a = 2 / (n + 1).
///     standard: sum_k (1 - a)^k x[i - k] / sum_k (1 - a)^k, from the first bar on
///     talib:    begins with the mean of the first n, then y + a (x - y)
[[nodiscard]] Series exponential_average(View x, std::size_t span, Indicators kind = Indicators::standard);

/// Wilder's average: begins with the mean of the first n numbers of x, then y + (x - y) / n.
[[nodiscard]] Series wilder_average(View x, std::size_t n);

/// Relative strength index, 100 - 100 / (1 + mean gain / mean loss) of the changes of x.
///     standard: Cutler's, simple means over n bars or as many as there are, 50 where nothing moved
///     talib:    Wilder's, from bar n on
[[nodiscard]] Series relative_strength(View x, std::size_t n, Indicators kind = Indicators::standard);

/// max(high - low, |high - close before|, |low - close before|); high - low on the first bar.
[[nodiscard]] Series true_range(market::Bars const& bars);

/// Average true range. standard: simple mean of n; talib: Wilder's, from the second bar's true range on.
[[nodiscard]] Series average_true_range(market::Bars const& bars, std::size_t n,
                                        Indicators kind = Indicators::standard);

struct Bands {
    Series upper;
    Series middle;
    Series lower;
};

/// Bollinger's bands: mean of n, plus and minus `width` standard deviations: sample (standard), population
/// (talib).
[[nodiscard]] Bands bollinger_bands(View x, std::size_t n, double width,
                                    Indicators kind = Indicators::standard);

/// %K: where the close lies between the extremes of n bars, 0 to 100. An empty range counts as 0.01.
[[nodiscard]] Series stochastic_k(market::Bars const& bars, std::size_t n);

/// Middle of the extremes of n bars: Ichimoku's lines.
[[nodiscard]] Series middle_of_range(market::Bars const& bars, std::size_t n);

/// (high + low + close) / 3
[[nodiscard]] Series typical_price(market::Bars const& bars);

/// Mean typical price of n bars weighted by volume.
[[nodiscard]] Series volume_weighted_price(market::Bars const& bars, std::size_t n);

/// Deviation from it: sqrt(sum (p - vwap)^2 volume / sum volume), every bar with the vwap of its own time.
[[nodiscard]] Series volume_weighted_deviation(market::Bars const& bars, View vwap, std::size_t n);

/// Sum of volumes, signed by the direction of the close.
[[nodiscard]] Series on_balance_volume(market::Bars const& bars);

enum class Kernel { gauss, epanechnikov };

/// Nadaraya and Watson's estimate from past bars alone: weights K((j - i) / bandwidth) over the last
/// int(2 bandwidth) bars; before int(bandwidth), the mean of all bars so far.
[[nodiscard]] Series kernel_average(View x, double bandwidth, Kernel kernel);

/// Strength of a trend: mean of those of these that there are:
///     50 |F - S| / S and 10 |mean_5(r3(x) r3(F))|, both at most 1, and |2 mean_n(x > F) - 1|
/// where F and S are averages and r3 is the relative change over 3 bars.
[[nodiscard]] Series trend_strength(View x, View fast, View slow, std::size_t n);

/// The usual indicators of one asset, a column each.
struct Overview {
    Series sma_20;
    Series sma_50;
    Series rsi;         ///< 14 bars
    Bands bands;        ///< 20 bars, 2 deviations
    Series volume_sma;  ///< 20 bars
    Series momentum;    ///< [%] change of the close over 5 bars
};

/// Of every bar. For those of a stretch of time, give enough bars before it: 50.
[[nodiscard]] Overview overview(market::Bars const& bars, Indicators kind = Indicators::standard);

}  // namespace vaster::strategies
