#include "domains/trading/backtest/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/stats/quantile.hpp"
#include "base/stats/summary.hpp"
#include "domains/trading/backtest/prices.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t regime_bars = 20;

double ratio(double over, double under) {
    return under > 0 ? over / under : missing;
}

double mean_of(std::vector<double> const& values) {
    return stats::summarise(values).mean;
}

/// The deepest point of each fall from a peak, as positive share of it.
std::vector<double> drawdowns(std::span<double const> returns) {
    std::vector<double> falls;
    double equity = 1;
    double peak = 1;
    double deepest = 0;
    for (double const change : returns) {
        equity *= 1 + change;
        if (equity >= peak) {
            if (deepest > 0) falls.push_back(deepest);
            peak = equity;
            deepest = 0;
        } else {
            deepest = std::max(deepest, 1 - equity / peak);
        }
    }
    if (deepest > 0) falls.push_back(deepest);
    return falls;
}

void measure_returns(std::span<double const> returns, double periods, Metrics& metrics) {
    auto const n = static_cast<double>(returns.size());
    auto const summary = stats::summarise(returns);
    metrics.total_return = compounded(returns);
    metrics.annual_return = std::pow(1 + metrics.total_return, periods / n) - 1;
    metrics.volatility = summary.sd * std::sqrt(periods);
    metrics.sharpe = bar_sharpe(returns) * std::sqrt(periods);
    double squared_losses = 0;
    for (double const change : returns) squared_losses += change < 0 ? change * change : 0;
    metrics.sortino = ratio(summary.mean * std::sqrt(periods), std::sqrt(squared_losses / n));

    auto const month = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(periods / 12)));
    double months = 0;
    double good_months = 0;
    for (std::size_t first = 0; first < returns.size(); first += month, ++months)
        if (compounded(returns.subspan(first, std::min(month, returns.size() - first))) > 0) ++good_months;
    metrics.consistency = ratio(good_months, months);
}

void measure_drawdowns(std::span<double const> returns, Metrics& metrics) {
    auto const falls = drawdowns(returns);
    double squares = 0;
    for (double const fall : falls) squares += fall * fall;
    metrics.max_drawdown = falls.empty() ? 0 : *std::max_element(falls.begin(), falls.end());
    metrics.average_drawdown = falls.empty() ? 0 : mean_of(falls);
    metrics.calmar = ratio(metrics.annual_return, metrics.max_drawdown);
    metrics.sterling = ratio(metrics.annual_return, metrics.average_drawdown);
    metrics.burke = ratio(metrics.annual_return, std::sqrt(squares));
}

void measure_trades(std::vector<Trade> const& trades, Metrics& metrics) {
    std::vector<double> wins;
    std::vector<double> losses;
    double sum = 0;
    double bars = 0;
    double wins_in_a_row = 0;
    double losses_in_a_row = 0;
    for (auto const& trade : trades) {
        bool const won = trade.profit > 0;
        (won ? wins : losses).push_back(trade.profit);
        sum += trade.profit;
        bars += static_cast<double>(trade.exit - trade.entry);
        wins_in_a_row = won ? wins_in_a_row + 1 : 0;
        losses_in_a_row = won ? 0 : losses_in_a_row + 1;
        metrics.longest_wins = std::max(metrics.longest_wins, wins_in_a_row);
        metrics.longest_losses = std::max(metrics.longest_losses, losses_in_a_row);
    }
    double const n = metrics.trades = static_cast<double>(trades.size());
    auto const n_wins = static_cast<double>(wins.size());
    metrics.win_rate = ratio(n_wins, n);
    metrics.expectancy = ratio(sum, n);
    metrics.average_duration = ratio(bars, n);
    metrics.average_win = mean_of(wins);
    metrics.average_loss = mean_of(losses);
    metrics.largest_win = wins.empty() ? missing : *std::max_element(wins.begin(), wins.end());
    metrics.largest_loss = losses.empty() ? missing : *std::min_element(losses.begin(), losses.end());
    double const lost = losses.empty() ? 0 : -metrics.average_loss * static_cast<double>(losses.size());
    metrics.profit_factor = ratio(wins.empty() ? 0 : metrics.average_win * n_wins, lost);
}

/// Thirds of the bars by the scatter of the market's last changes.
void measure_regimes(std::span<double const> returns, std::span<double const> market, double periods,
                     Metrics& metrics) {
    std::vector<double> scatter;
    for (std::size_t t = regime_bars; t < market.size(); ++t)
        scatter.push_back(stats::summarise(market.subspan(t + 1 - regime_bars, regime_bars)).sd);
    std::vector<double> sorted = scatter;
    double const low = stats::quantile(sorted, 1.0 / 3);
    double const high = stats::quantile(sorted, 2.0 / 3);
    std::vector<double> calm;
    std::vector<double> middle;
    std::vector<double> wild;
    for (std::size_t i = 0; i < scatter.size(); ++i)
        (scatter[i] <= low ? calm : scatter[i] <= high ? middle : wild).push_back(returns[i + regime_bars]);
    metrics.low_volatility = mean_of(calm) * periods;
    metrics.middle_volatility = mean_of(middle) * periods;
    metrics.high_volatility = mean_of(wild) * periods;
}

}  // namespace

double bar_sharpe(std::span<double const> returns) {
    auto const summary = stats::summarise(returns);
    return summary.sd > 0 ? summary.mean / summary.sd : 0;
}

double compounded(std::span<double const> returns) {
    double equity = 1;
    for (double const change : returns) equity *= 1 + change;
    return equity - 1;
}

Metrics measure(Account const& account, std::span<double const> closes, double periods) {
    VASTER_EXPECTS(account.returns.size() == closes.size() && !closes.empty() && periods > 0);
    Metrics metrics;
    measure_returns(account.returns, periods, metrics);
    metrics.excess_return = metrics.total_return - (closes.back() / closes.front() - 1);
    measure_drawdowns(account.returns, metrics);
    measure_trades(account.trades, metrics);
    metrics.turnover = account.turnover * periods / static_cast<double>(closes.size());
    metrics.costs = account.costs;
    measure_regimes(account.returns, close_returns(closes), periods, metrics);
    return metrics;
}

}  // namespace vaster::backtest
