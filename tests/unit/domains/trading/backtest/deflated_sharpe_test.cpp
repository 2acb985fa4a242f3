#include "domains/trading/backtest/deflated_sharpe.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

namespace vaster::backtest {
namespace {

TEST_CASE("moments, probabilistic and deflated Sharpe ratios are those of scipy", "[backtest][deflated]") {
    // numpy 1.24, scipy 1.10: stats.skew, stats.kurtosis(fisher=False), stats.norm
    std::vector<double> const returns{0.011, -0.004, 0.007, 0.002,  -0.013, 0.009,
                                      0.004, -0.001, 0.015, -0.006, 0.003,  0.008};
    SharpeSample const sample = sharpe_sample(returns);
    CHECK(sample.sharpe == Approx(0.3849409161037192).epsilon(1e-12));
    CHECK(sample.skewness == Approx(-0.46261025762699143).epsilon(1e-12));
    CHECK(sample.kurtosis == Approx(2.5519610711155565).epsilon(1e-12));
    CHECK(probabilistic_sharpe(sample, 0) == Approx(0.8746329531157053).epsilon(1e-12));
    CHECK(probabilistic_sharpe(sample, 0.1) == Approx(0.8023910967148826).epsilon(1e-12));
    CHECK(expected_best_sharpe(0.01, 2) == Approx(0.05197553442805939).epsilon(1e-12));
    CHECK(expected_best_sharpe(0.01, 100) == Approx(0.2530602893201685).epsilon(1e-12));
    CHECK(deflated_sharpe(sample, 0.01, 100) == Approx(0.6530245407265444).epsilon(1e-12));
    CHECK(deflated_sharpe(sample, 0.04, 1000) == Approx(0.2136190269763592).epsilon(1e-12));
}

TEST_CASE("the example of the paper has a deflated Sharpe ratio of 0.9004", "[backtest][deflated]") {
    // Five years of 250 days, annual Sharpe ratio 2.5, 100 trials of variance 1/2, skewness -3, kurtosis 10.
    SharpeSample const sample{2.5 / std::sqrt(250), -3, 10, 1250};
    CHECK(expected_best_sharpe(0.5 / 250, 100) == Approx(0.1132).margin(5e-5));
    CHECK(deflated_sharpe(sample, 0.5 / 250, 100) == Approx(0.9004).margin(5e-5));
}

TEST_CASE("one trial is not deflated, and constant returns have no ratio", "[backtest][deflated]") {
    SharpeSample const sample{0.1, 0, 3, 100};
    CHECK(deflated_sharpe(sample, 0.5, 1) == probabilistic_sharpe(sample, 0));
    CHECK(sharpe_sample(std::vector<double>{0, 0, 0}).sharpe == 0);
    CHECK(std::isnan(probabilistic_sharpe(sharpe_sample(std::vector<double>{0.1}), 0)));
}

}  // namespace
}  // namespace vaster::backtest
