#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
};

/// Side of each bar: +1 once the signal is above the threshold, -1 once it is below minus the threshold, else
/// as before; 0 at first.
[[nodiscard]] std::vector<double> sides(std::span<double const> signal, double threshold);

/// The position that is wished for at the close of each bar, as signed share of equity. Depends on nothing
/// that comes later.
/// @param returns  close_returns() of the same bars
[[nodiscard]] std::vector<double> targets(std::span<double const> signal, std::span<double const> returns,
                                          PositionRule const& rule);

}  // namespace vaster::backtest
