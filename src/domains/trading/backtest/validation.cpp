#include "domains/trading/backtest/validation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/stats/summary.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

constexpr double perfect_sharpe = 3;       ///< on training bars
constexpr double perfect_test_sharpe = 2;  ///< with a profit in every month
constexpr double least_mean = 0.01;

double share(double value) {
    return std::clamp(value, 0.0, 1.0);
}

}  // namespace

bool passes(Thresholds const& thresholds, Metrics const& trained) {
    return trained.sharpe >= thresholds.least_sharpe && trained.max_drawdown <= thresholds.most_drawdown &&
           trained.win_rate >= thresholds.least_win_rate && trained.trades >= thresholds.least_trades;
}

bool passes(TestThresholds const& thresholds, Metrics const& tested) {
    return tested.sharpe >= thresholds.least_sharpe && tested.consistency >= thresholds.least_consistency &&
           tested.volatility <= thresholds.most_volatility;
}

double score(Metrics const& trained) {
    return share(trained.sharpe / perfect_sharpe);
}

double score(Metrics const& trained, Metrics const& tested) {
    return 0.6 * score(trained) + 0.4 * share(tested.sharpe / perfect_test_sharpe * tested.consistency);
}

Robustness robustness(std::span<double const> returns, std::size_t parts, double periods) {
    VASTER_EXPECTS(parts >= 2 && periods > 0);
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    if (returns.size() < 2 * parts) return {missing, missing};
    std::vector<double> ratios;
    for (std::size_t i = 0; i < parts; ++i) {
        std::size_t const begin = returns.size() * i / parts;
        std::size_t const end = returns.size() * (i + 1) / parts;
        ratios.push_back(bar_sharpe(returns.subspan(begin, end - begin)) * std::sqrt(periods));
    }
    auto const summary = stats::summarise(ratios);
    return {1 - summary.sd / std::max(summary.mean, least_mean),
            *std::min_element(ratios.begin(), ratios.end())};
}

}  // namespace vaster::backtest
