#include "domains/trading/backtest/validation.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

namespace vaster::backtest {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

Metrics good() {
    Metrics metrics;
    metrics.sharpe = 1;
    metrics.max_drawdown = 0.15;
    metrics.win_rate = 0.4;
    metrics.trades = 50;
    metrics.consistency = 0.6;
    metrics.volatility = 0.3;
    return metrics;
}

TEST_CASE("an account passes when it reaches every threshold", "[backtest][validation]") {
    CHECK(passes(Thresholds(), good()));
    for (auto const& [metric, value] : {std::pair{&Metrics::sharpe, 0.99},
                                        {&Metrics::max_drawdown, 0.151},
                                        {&Metrics::win_rate, 0.39},
                                        {&Metrics::trades, 49.0},
                                        {&Metrics::win_rate, missing},
                                        {&Metrics::sharpe, missing}}) {
        Metrics worse = good();
        worse.*metric = value;
        CHECK_FALSE(passes(Thresholds(), worse));
    }
    CHECK(passes(TestThresholds(), good()));
    for (auto const& [metric, value] : {std::pair{&Metrics::sharpe, 0.79},
                                        {&Metrics::consistency, 0.59},
                                        {&Metrics::volatility, 0.31},
                                        {&Metrics::consistency, missing}}) {
        Metrics worse = good();
        worse.*metric = value;
        CHECK_FALSE(passes(TestThresholds(), worse));
    }
}

TEST_CASE("a score joins training and test", "[backtest][validation]") {
    Metrics trained = good();
    trained.sharpe = 1.5;
    CHECK(score(trained) == Approx(0.5));
    CHECK(score(trained, good()) == Approx(0.6 * 0.5 + 0.4 * 0.5 * 0.6));
    Metrics losing = good();
    losing.sharpe = -2;
    CHECK(score(losing) == 0);
    CHECK(score(trained, losing) == Approx(0.3));  // a loss in the test adds nothing
    trained.sharpe = 9;
    CHECK(score(trained) == 1);
    Metrics excellent = good();
    excellent.sharpe = 20;
    CHECK(score(trained, excellent) == Approx(1));
}

TEST_CASE("robustness compares parts of the returns", "[backtest][validation]") {
    // numpy: the ratios of the three parts are mean / std(ddof=1) * 2; stability 1 - std(ddof=1) / mean.
    std::vector<double> const returns{0.01, 0.03, 0.02,  0.04, 0.01, -0.01, 0.02,
                                      0.01, 0.02, -0.01, 0.03, 0.01, 0.0};
    auto const robust = robustness(returns, 3, 4);
    CHECK(robust.weakest == Approx(1.192079121358539).epsilon(1e-12));
    CHECK(robust.stability == Approx(0.2761911790295577).epsilon(1e-12));
    std::vector<double> same;
    for (int i = 0; i < 3; ++i) same.insert(same.end(), {0.01, 0.02, 0.0});
    CHECK(robustness(same, 3, 1).stability == 1);
    for (double& change : same) change = -change;
    CHECK(robustness(same, 3, 1).weakest == -1);
    std::vector<double> scattered{-0.1, -0.2, 0.3, 0.1};
    CHECK(robustness(scattered, 2, 1).stability < -100);  // the mean is below 0.01
    CHECK(std::isnan(robustness(std::vector<double>{0.1, 0.2, 0.3}, 2, 1).stability));
}

}  // namespace
}  // namespace vaster::backtest
