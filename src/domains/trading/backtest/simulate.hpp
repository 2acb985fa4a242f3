#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/trading/backtest/prices.hpp"

namespace vaster::backtest {

/// At which price a wish that arose at the close of a bar is filled: always of the bar after.
enum class Fill : std::uint8_t { next_open, next_close };

/// What trading costs, and when a position is closed without a signal. A distance of 0: never.
struct TradingRules {
    Fill fill = Fill::next_open;
    double fee = 0.00035;          ///< share of the traded notional
    double slippage = 0.001;       ///< share of the traded notional
    double stop_loss = 0;          ///< share of the entry price that is lost
    double take_profit = 0;        ///< share of the entry price that is won
    double trailing_stop = 0;      ///< share of the best price since the entry
    double stop_loss_atr = 0;      ///< the same as stop_loss, in mean true ranges before the entry
    double trailing_stop_atr = 0;  ///< the same as trailing_stop, in mean true ranges before the entry
};

/// One position from its entry to its exit; a change of size belongs to it, a change of side ends it.
struct Trade {
    std::size_t entry = 0;  ///< bar of the first fill
    std::size_t exit = 0;   ///< bar of the last fill; the last bar where it was still open
    int side = 0;
    double profit = 0;  ///< after costs, as share of the equity before it
};

/// What became of an account of equity 1.
struct Account {
    std::vector<double> returns;   ///< of equity, bar by bar; 0 for the first
    std::vector<double> position;  ///< share of equity at the close of each bar
    std::vector<Trade> trades;
    double turnover = 0;  ///< sum of traded notionals, each as share of the equity then
    double costs = 0;     ///< sum of what was paid, each as share of the equity then
};

/// Mean true range over the last 14 bars, fewer at first: the mean of
///     max(high, close before) - min(low, close before)
[[nodiscard]] std::vector<double> mean_true_range(Prices const& prices);

/// Trades after wishes. The wish of a bar's close is filled at the next bar, so that no bar earns what its
/// own close has told. Trades are made when the wish changes, not to undo drift.
///
/// Stop loss, take profit and trailing stop act within bars: at the open, where it lies beyond the level
/// already, else at the level, when high or low reaches it. Where both sides are reached in one bar, the loss
/// is taken. The trailing stop follows the best high (short: low) of bars before. After such an exit the
/// account stays out until the side changes. Of several levels the nearest counts. Fills at the close are
/// watched from the next bar on. An equity of 0 ends the trading.
/// @param wishes  signed share of equity, one for each bar
[[nodiscard]] Account simulate(Prices const& prices, std::span<double const> wishes,
                               TradingRules const& rules);

}  // namespace vaster::backtest
