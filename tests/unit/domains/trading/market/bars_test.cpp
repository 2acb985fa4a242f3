#include "domains/trading/market/bars.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "domains/trading/market/synthetic.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;

TEST_CASE("bars are cut and put together again without a change", "[market][bars]") {
    auto const whole = market::golden_series(10);
    auto front = market::slice(whole, 0, 4);
    CHECK(front.size() == 4);
    CHECK(front.funding.size() == 4);
    market::append(front, market::slice(whole, 4, 6));
    CHECK(front.close == whole.close);
    CHECK(front.times == whole.times);
    CHECK(front.funding == whole.funding);
    market::append(front, market::slice(whole, 0, 0));
    CHECK(front.funding == whole.funding);
    auto without = market::slice(whole, 4, 6);
    without.funding.clear();
    auto mixed = market::slice(whole, 0, 4);
    market::append(mixed, without);
    CHECK(mixed.size() == 10);
    CHECK(mixed.funding.empty());
}

TEST_CASE("a bar that cannot be is named with its number", "[market][bars]") {
    auto bars = market::golden_series(5);
    CHECK_NOTHROW(market::check(bars));
    SECTION("high below low") {
        bars.high[3] = bars.low[3] / 2;
        CHECK_THROWS_WITH(market::check(bars), Contains("bar 3") && Contains("is below low"));
    }
    SECTION("close outside") {
        bars.close[2] = bars.high[2] * 2;
        CHECK_THROWS_WITH(market::check(bars), Contains("bar 2") && Contains("outside"));
    }
    SECTION("no positive number") {
        bars.open[1] = GENERATE(0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity());
        CHECK_THROWS_WITH(market::check(bars), Contains("bar 1") && Contains("positive"));
    }
    SECTION("time stands still") {
        bars.times[4] = bars.times[3];
        CHECK_THROWS_WITH(market::check(bars), Contains("bar 4") && Contains("later"));
    }
    SECTION("negative volume") {
        bars.volume[0] = -1;
        CHECK_THROWS_WITH(market::check(bars), Contains("bar 0") && Contains("volume"));
    }
    SECTION("columns of different length") {
        bars.funding.pop_back();
        CHECK_THROWS_AS(market::check(bars), DataError);
    }
}
