#pragma once

#include <cstdint>
#include <span>

namespace vaster::backtest {

/// Which return a position earns.
enum class Earning : std::uint8_t {
    same_bar,  ///< that of the bar whose close made it: looks ahead, as published
    next_bar,  ///< that of the bar after
};

/// What an earlier system reported of a strategy, without costs. Kept to compare with its numbers only.
struct PoolResult {
    double fitness = 0;       ///< mean / population sd of the returns of bars in the market; 0 without any
    double total_return = 0;  ///< sum of returns
    double max_drawdown = 0;  ///< least running sum, at most 0: no drawdown in the usual sense
    double bars_in_market = 0;
    double win_rate = 0;  ///< share of bars in the market with a profit; 0 without any
};

/// The side of the signal (see sides()) times the changes of the close.
[[nodiscard]] PoolResult pool_result(std::span<double const> signal, std::span<double const> close,
                                     double threshold, Earning earning);

/// Does a drawdown make a fitness worse?
enum class DrawdownSign : std::uint8_t {
    rewarded,  ///< as published
    punished,
};

/// The weighted fitness of the earlier system: the signal of the bar before, as position, times the return.
struct WeightedFitness {
    double sharpe = 0;        ///< (252 mean - 0.02) / (root 252 sample sd); 0 without variation
    double consistency = 0;   ///< mean over bars of the share of the last 21 with a profit; fewer at first
    double max_drawdown = 0;  ///< at most 0
    double win_rate = 0;      ///< bars with a profit / all bars
    double weighted = 0;      ///< sharpe + 0.3 consistency -+ max_drawdown + 0.5 win_rate
};

[[nodiscard]] WeightedFitness weighted_fitness(std::span<double const> signal, std::span<double const> close,
                                               DrawdownSign sign);

}  // namespace vaster::backtest
