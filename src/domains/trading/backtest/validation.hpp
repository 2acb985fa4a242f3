#pragma once

#include <cstddef>
#include <span>

#include "domains/trading/backtest/metrics.hpp"

namespace vaster::backtest {

/// What an account must reach to pass. The bounds count as reached; a missing number does not pass.
struct Thresholds {
    double least_sharpe = 1;      ///< a year
    double most_drawdown = 0.15;  ///< largest fall from a peak
    double least_win_rate = 0.4;  ///< of trades
    double least_trades = 50;
};

/// The same of an account on bars that nothing has been chosen by.
struct TestThresholds {
    double least_sharpe = 0.8;       ///< a year
    double least_consistency = 0.6;  ///< share of months with a profit
    double most_volatility = 0.3;    ///< a year
};

[[nodiscard]] bool passes(Thresholds const& thresholds, Metrics const& trained);
[[nodiscard]] bool passes(TestThresholds const& thresholds, Metrics const& tested);

/// How good training bars say it is: Sharpe ratio / 3, within 0 and 1.
[[nodiscard]] double score(Metrics const& trained);

/// The same with test bars: 0.6 score(trained) + 0.4 clip(Sharpe ratio / 2 * consistency of the test, 0, 1).
[[nodiscard]] double score(Metrics const& trained, Metrics const& tested);

/// Is an account good at all times, or was it once? From the Sharpe ratios of consecutive parts of equal
/// length.
struct Robustness {
    double stability = 0;  ///< 1 - sd / max(mean, 0.01); 1: the same in all parts; below 0 where they scatter
    double weakest = 0;    ///< least of the ratios
};

/// @param parts    2 or more; NaN with fewer than two returns in each
/// @param periods  bars a year
[[nodiscard]] Robustness robustness(std::span<double const> returns, std::size_t parts, double periods);

}  // namespace vaster::backtest
