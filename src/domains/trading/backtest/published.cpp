#include "domains/trading/backtest/published.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/stats/summary.hpp"
#include "domains/trading/backtest/positions.hpp"
#include "domains/trading/backtest/prices.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

/// Mean over population standard deviation.
double population_sharpe(std::vector<double> const& values) {
    auto const summary = stats::summarise(values);
    if (summary.n < 2) return 0;
    auto const n = static_cast<double>(summary.n);
    double const sd = summary.sd * std::sqrt((n - 1) / n);
    return sd > 0 ? summary.mean / sd : 0;
}

/// At most 0.
double worst_fall(std::vector<double> const& returns) {
    double equity = 1;
    double peak = 1;
    double worst = 0;
    for (double const change : returns) {
        equity *= 1 + change;
        peak = std::max(peak, equity);
        worst = std::min(worst, equity / peak - 1);
    }
    return worst;
}

/// Mean, over all bars, of the share of bars with a profit among the last ones; the first bars have fewer.
double mean_share_of_profits(std::vector<double> const& returns, std::size_t window) {
    double sum = 0;
    double in_window = 0;
    for (std::size_t t = 0; t < returns.size(); ++t) {
        in_window += returns[t] > 0 ? 1 : 0;
        if (t >= window) in_window -= returns[t - window] > 0 ? 1 : 0;
        sum += in_window / static_cast<double>(std::min(t + 1, window));
    }
    return sum / static_cast<double>(returns.size());
}

}  // namespace

PoolResult pool_result(std::span<double const> signal, std::span<double const> close, double threshold,
                       Earning earning) {
    VASTER_EXPECTS(signal.size() == close.size());
    auto const side = sides(signal, threshold);
    auto const changes = close_returns(close);
    std::size_t const lag = earning == Earning::next_bar ? 1 : 0;
    PoolResult result;
    std::vector<double> earned;
    double wins = 0;
    for (std::size_t t = 1; t < close.size(); ++t) {
        double const position = side[t - lag];
        if (position == 0) continue;
        earned.push_back(position * changes[t]);
        result.total_return += earned.back();
        result.max_drawdown = std::min(result.max_drawdown, result.total_return);
        wins += earned.back() > 0 ? 1 : 0;
    }
    result.fitness = population_sharpe(earned);
    result.bars_in_market = static_cast<double>(earned.size());
    result.win_rate = earned.empty() ? 0 : wins / result.bars_in_market;
    return result;
}

WeightedFitness weighted_fitness(std::span<double const> signal, std::span<double const> close,
                                 DrawdownSign sign) {
    VASTER_EXPECTS(signal.size() == close.size() && !close.empty());
    constexpr double periods = 252;
    constexpr double riskless = 0.02;
    constexpr std::size_t window = 21;
    auto returns = close_returns(close);
    for (std::size_t t = 1; t < returns.size(); ++t) returns[t] *= signal[t - 1];
    auto const summary = stats::summarise(returns);
    WeightedFitness fitness;
    if (summary.sd > 0)
        fitness.sharpe = (periods * summary.mean - riskless) / (std::sqrt(periods) * summary.sd);
    fitness.consistency = mean_share_of_profits(returns, window);
    fitness.max_drawdown = worst_fall(returns);
    auto const wins = std::count_if(returns.begin(), returns.end(), [](double change) { return change > 0; });
    fitness.win_rate = static_cast<double>(wins) / static_cast<double>(returns.size());
    double const drawdown = sign == DrawdownSign::rewarded ? -fitness.max_drawdown : fitness.max_drawdown;
    fitness.weighted = fitness.sharpe + 0.3 * fitness.consistency + drawdown + 0.5 * fitness.win_rate;
    return fitness;
}

}  // namespace vaster::backtest
