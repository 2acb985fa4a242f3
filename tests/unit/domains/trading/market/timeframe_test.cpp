#include "domains/trading/market/timeframe.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "domains/trading/market/synthetic.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

TEST_CASE("hours become days", "[market][timeframe]") {
    auto const hours = market::golden_series(24 * 5 + 3);
    CHECK(market::step_of(hours) == market::seconds_of("1h"));
    auto const days = market::resample(hours, market::seconds_of("1d"));
    REQUIRE(days.size() == 5);  // the last day is not complete
    CHECK_NOTHROW(market::check(days));
    CHECK(days.times[1] - days.times[0] == 86400);
    CHECK(days.open[1] == hours.open[24]);
    CHECK(days.close[1] == hours.close[47]);
    CHECK(days.high[1] == *std::max_element(hours.high.begin() + 24, hours.high.begin() + 48));
    CHECK(days.low[1] == *std::min_element(hours.low.begin() + 24, hours.low.begin() + 48));
    double volume = 0;
    for (std::size_t i = 24; i < 48; ++i) volume += hours.volume[i];
    CHECK(days.volume[1] == Approx(volume));
    // In two steps the same.
    auto const in_two = market::resample(market::resample(hours, market::seconds_of("4h")), 86400);
    CHECK(in_two.close == days.close);
    CHECK(in_two.times == days.times);
}

TEST_CASE("bars that begin in the middle of a longer one leave it out", "[market][timeframe]") {
    auto const hours = market::slice(market::golden_series(60), 5, 55);
    auto const days = market::resample(hours, 86400);
    REQUIRE(days.size() == 1);
    CHECK(days.open[0] == hours.open[19]);
}

TEST_CASE("no timeframe is made of longer bars", "[market][timeframe]") {
    auto const hours = market::golden_series(60);
    CHECK_THROWS_AS(market::resample(hours, market::seconds_of("15m")), DataError);
    CHECK_THROWS_AS(market::resample(hours, 5400), DataError);
    CHECK_THROWS_AS(market::seconds_of("2h"), ConfigError);
    CHECK(market::resample(hours, 3600).close == hours.close);
}
