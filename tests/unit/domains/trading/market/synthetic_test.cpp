#include "domains/trading/market/synthetic.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "base/stats/summary.hpp"

using namespace vaster;

namespace {

std::vector<double> log_returns(market::Bars const& bars, std::size_t first, std::size_t last) {
    std::vector<double> result;
    for (std::size_t i = first; i < last; ++i) result.push_back(std::log(bars.close[i] / bars.open[i]));
    return result;
}

}  // namespace

TEST_CASE("the golden series is that of its definition", "[market][synthetic]") {
    // Written down with the series' definition: bar 0 and the last close, from Python's integers and floats.
    auto const bars = market::golden_series();
    REQUIRE(bars.size() == 1000);
    CHECK(bars.open[0] == 100);
    CHECK(bars.high[0] == Approx(100.019015084).epsilon(1e-11));
    CHECK(bars.low[0] == Approx(97.9250530614).epsilon(1e-11));
    CHECK(bars.close[0] == Approx(98.3520129566).epsilon(1e-11));
    CHECK(bars.volume[0] == Approx(1873.62077485).epsilon(1e-11));
    CHECK(bars.funding[0] == Approx(1.20252750685e-4).epsilon(1e-11));
    CHECK(bars.close[999] == Approx(51.2379146728).epsilon(1e-11));
    CHECK(market::golden_series(10).close[9] == bars.close[9]);
    CHECK_NOTHROW(market::check(bars));
}

TEST_CASE("a random walk has the drift and volatility asked for", "[market][synthetic]") {
    market::WalkOptions options;
    options.n_bars = 20000;
    options.regimes = {{0.001, 0.02, 1}};
    auto const bars = market::random_walk({"BTC", 30000}, options, 7);
    CHECK_NOTHROW(market::check(bars));
    CHECK(bars.open[0] == 30000);
    auto const summary = stats::summarise(log_returns(bars, 0, bars.size()));
    CHECK(summary.sd == Approx(0.02).epsilon(0.02));
    CHECK(summary.mean == Approx(0.0008).margin(4 * 0.02 / std::sqrt(20000.0)));
}

TEST_CASE("a random walk depends on seed and symbol alone", "[market][synthetic]") {
    market::WalkOptions const options;
    auto const bars = market::random_walk({"BTC", 100}, options, 7);
    CHECK(market::random_walk({"BTC", 100}, options, 7).close == bars.close);
    CHECK(market::random_walk({"ETH", 100}, options, 7).close != bars.close);
    CHECK(market::random_walk({"BTC", 100}, options, 8).close != bars.close);
}

TEST_CASE("regimes follow each other", "[market][synthetic]") {
    market::WalkOptions options;
    options.n_bars = 4000;
    options.regimes = {{0, 0.001, 0.99}, {0, 0.05, 0.99}};
    auto const bars = market::random_walk({"A", 100}, options, 1);
    // Of windows of 20 bars, those of one regime have that regime's volatility.
    std::size_t n_calm = 0;
    std::size_t n_wild = 0;
    for (std::size_t i = 0; i < options.n_bars; i += 20) {
        double const sd = stats::summarise(log_returns(bars, i, i + 20)).sd;
        n_calm += sd < 0.002 ? 1 : 0;
        n_wild += sd > 0.02 ? 1 : 0;
    }
    CHECK(n_calm > 40);
    CHECK(n_wild > 40);
}
