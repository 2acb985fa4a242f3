#pragma once

#include <cstddef>
#include <span>

#include "domains/trading/backtest/simulate.hpp"

namespace vaster::backtest {

/// What is reported of an account. Missing values (a win rate without trades) are NaN.
struct Metrics {
    double total_return = 0;   ///< end over beginning - 1
    double annual_return = 0;  ///< (1 + total)^(periods / bars) - 1
    double excess_return = 0;  ///< total return - that of buying and holding
    double volatility = 0;     ///< sample sd of returns, times root of periods
    double sharpe = 0;        ///< mean / sample sd of returns, times root of periods; 0 without any variation
    double sortino = 0;       ///< mean / root of the mean squared loss, times root of periods
    double max_drawdown = 0;  ///< largest fall from a peak, as positive share of it
    double average_drawdown = 0;  ///< mean of the deepest points of all falls
    double win_rate = 0;          ///< share of trades with a profit
    double profit_factor = 0;     ///< sum of profits over sum of losses
    double expectancy = 0;        ///< mean profit of a trade
    double consistency = 0;  ///< share of months (periods / 12 bars) with a profit; the last may be shorter
    double trades = 0;       ///< number
    double average_duration = 0;  ///< bars
    double average_win = 0;       ///< mean profit of trades with one
    double average_loss = 0;      ///< mean of the others, negative
    double largest_win = 0;
    double largest_loss = 0;       ///< negative
    double longest_wins = 0;       ///< trades with a profit in a row
    double longest_losses = 0;     ///< others in a row
    double turnover = 0;           ///< a year
    double costs = 0;              ///< sum, as Account::costs
    double calmar = 0;             ///< annual return / maximal drawdown
    double sterling = 0;           ///< annual return / average drawdown
    double burke = 0;              ///< annual return / root of the sum of squared drawdowns
    double low_volatility = 0;     ///< mean return in the calmest third of bars, times periods
    double middle_volatility = 0;  ///< the same in the middle third
    double high_volatility = 0;    ///< the same in the wildest third
};

/// @param closes   prices that buying and holding would have had, and whose last 20 changes tell calm bars
/// from wild ones
/// @param periods  bars a year
[[nodiscard]] Metrics measure(Account const& account, std::span<double const> closes, double periods);

/// Sharpe ratio of one bar: mean / sample sd; 0 without any variation or with fewer than two.
[[nodiscard]] double bar_sharpe(std::span<double const> returns);

/// Total return of a series of returns.
[[nodiscard]] double compounded(std::span<double const> returns);

}  // namespace vaster::backtest
