#include "domains/trading/backtest/metrics.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

namespace vaster::backtest {
namespace {

TEST_CASE("metrics of a small account by hand", "[backtest][metrics]") {
    Account account;
    account.returns = {0, 0.1, -0.1, 0.2, -0.05, -0.05};
    account.trades = {{0, 1, 1, 0.1}, {1, 2, 1, -0.1}, {2, 4, -1, 0.14}, {4, 5, 1, -0.05}, {5, 5, 1, -0.01}};
    account.turnover = 6;
    account.costs = 0.03;
    std::vector<double> const closes{100, 101, 102, 103, 104, 105};
    Metrics const metrics = measure(account, closes, 12);
    double const end = 1.1 * 0.9 * 1.2 * 0.95 * 0.95;
    CHECK(metrics.total_return == Approx(end - 1));
    CHECK(metrics.annual_return == Approx(end * end - 1));
    CHECK(metrics.excess_return == Approx(end - 1 - 0.05));
    double const mean = 0.1 / 6;
    double const sd = std::sqrt((0.01 + 0.01 + 0.04 + 0.0025 + 0.0025 - 6 * mean * mean) / 5);
    CHECK(metrics.volatility == Approx(sd * std::sqrt(12)));
    CHECK(metrics.sharpe == Approx(mean / sd * std::sqrt(12)));
    CHECK(metrics.sortino == Approx(mean / std::sqrt(0.015 / 6) * std::sqrt(12)));
    CHECK(metrics.max_drawdown == Approx(0.1));
    CHECK(metrics.average_drawdown == Approx((0.1 + 0.0975) / 2));
    CHECK(metrics.calmar == Approx(metrics.annual_return / 0.1));
    CHECK(metrics.sterling == Approx(metrics.annual_return / 0.09875));
    CHECK(metrics.burke == Approx(metrics.annual_return / std::sqrt(0.01 + 0.0975 * 0.0975)));
    CHECK(metrics.consistency == Approx(2.0 / 6));  // months of one bar
    CHECK(metrics.trades == 5);
    CHECK(metrics.win_rate == Approx(0.4));
    CHECK(metrics.profit_factor == Approx(0.24 / 0.16));
    CHECK(metrics.expectancy == Approx(0.08 / 5));
    CHECK(metrics.average_duration == Approx(5.0 / 5));
    CHECK(metrics.average_win == Approx(0.12));
    CHECK(metrics.average_loss == Approx(-0.16 / 3));
    CHECK(metrics.largest_win == Approx(0.14));
    CHECK(metrics.largest_loss == Approx(-0.1));
    CHECK(metrics.longest_wins == 1);
    CHECK(metrics.longest_losses == 2);
    CHECK(metrics.turnover == Approx(12));
    CHECK(metrics.costs == Approx(0.03));
    CHECK(std::isnan(metrics.low_volatility));  // fewer bars than the scatter is measured over
}

TEST_CASE("an account without trades has a ratio of 0 and no rates", "[backtest][metrics]") {
    Account account;
    account.returns = {0, 0, 0};
    Metrics const metrics = measure(account, std::vector<double>{100, 90, 120}, 252);
    CHECK(metrics.sharpe == 0);
    CHECK(metrics.total_return == 0);
    CHECK(metrics.excess_return == Approx(-0.2));
    CHECK(metrics.max_drawdown == 0);
    CHECK(std::isnan(metrics.win_rate));
    CHECK(std::isnan(metrics.profit_factor));
    CHECK(std::isnan(metrics.calmar));
}

TEST_CASE("returns are told apart by how wild the market was", "[backtest][metrics]") {
    std::vector<double> closes{100};
    Account account;
    account.returns.push_back(0);
    for (int t = 1; t < 320; ++t) {
        double const step = t < 120 ? 0.001 : t < 220 ? 0.01 : 0.05;
        closes.push_back(closes.back() * (1 + (t % 2 == 0 ? step : -step)));
        account.returns.push_back(step);
    }
    Metrics const metrics = measure(account, closes, 100);
    CHECK(metrics.low_volatility == Approx(0.1).margin(0.02));
    CHECK(metrics.middle_volatility > 0.5);
    CHECK(metrics.middle_volatility < 2);
    CHECK(metrics.high_volatility > 4);
}

}  // namespace
}  // namespace vaster::backtest
