#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domains/trading/backtest/prices.hpp"

namespace vaster::backtest {

/// How a signal in [-1, 1] becomes the position that is wished for.
enum class Sizing : std::uint8_t {
    fixed,       ///< its side: +size above the threshold, -size below minus the threshold, else as before
    signal,      ///< size times the signal where it is beyond the threshold, else nothing
    volatility,  ///< as fixed, times target_volatility / volatility of the last bars, at most size
};

struct PositionRule {
    double threshold = 0.1;  ///< a signal must be beyond it, in either direction
    Sizing sizing = Sizing::fixed;
    double size = 1;                  ///< largest share of equity; above 1: leverage
    double target_volatility = 0.02;  ///< per bar: Sizing::volatility
    std::size_t volatility_bars = 20;
    /// Share of equity that one mean true range of the price may cost: no position is larger than this over
    /// the range's share of the price. 0: ranges set no limit.
    double range_risk = 0;
};

/// Side of each bar: +1 once the signal is above the threshold, -1 once it is below minus the threshold, else
/// as before; 0 at first.
[[nodiscard]] std::vector<double> sides(std::span<double const> signal, double threshold);

/// The position that is wished for at the close of each bar, as signed share of equity. How large it may be
/// is found when a side is taken, not anew with every bar. Depends on nothing that comes later.
/// @param signal  one value for each bar of the prices
[[nodiscard]] std::vector<double> targets(std::span<double const> signal, Prices const& prices,
                                          PositionRule const& rule);

}  // namespace vaster::backtest
