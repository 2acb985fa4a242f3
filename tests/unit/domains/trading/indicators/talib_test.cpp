// The flavour `talib` of the indicators against TA-Lib's own reference numbers: those that its regression
// test (src/tools/ta_regtest) states for the first of its 252 daily bars. The prices are the bars' first 20.
#include <array>

#include <catch2/catch.hpp>

#include "domains/trading/indicators/indicators.hpp"

using namespace vaster;
using strategies::Indicators;

namespace {

market::Bars reference_bars() {
    market::Bars bars;
    bars.symbol = "REFERENCE";
    bars.high = {93.25, 94.94,  96.375, 96.19, 96,     94.72, 95,     93.72,  92.47, 92.75,
                 96.25, 99.625, 99.125, 92.75, 91.315, 93.25, 93.405, 90.655, 91.97, 92.25};
    bars.low = {90.75, 91.405, 94.25, 93.5,   92.815, 93.5,  92,     89.75, 89.44, 90.625,
                92.75, 96.315, 96.03, 88.815, 86.75,  90.94, 88.905, 88.78, 89.25, 89.75};
    bars.close = {91.5,   94.815, 94.375, 95.095, 93.78, 94.625, 92.53,  92.75,  90.315, 92.47,
                  96.125, 97.25,  98.5,   89.875, 91,    92.815, 89.155, 89.345, 91.625, 89.875};
    return bars;
}

}  // namespace

TEST_CASE("TA-Lib's RSI comes out", "[strategies][talib]") {
    auto const rsi = strategies::relative_strength(reference_bars().close, 14, Indicators::talib);
    CHECK(std::isnan(rsi[13]));
    CHECK(rsi[14] == Approx(49.14).margin(0.01));
    CHECK(rsi[15] == Approx(52.32).margin(0.01));
    CHECK(rsi[16] == Approx(46.07).margin(0.01));
    // The default is another: Cutler's, by a computation with pandas.
    auto const simple = strategies::relative_strength(reference_bars().close, 14);
    CHECK(simple[14] == Approx(49.147).margin(0.001));
}

TEST_CASE("TA-Lib's exponential average comes out", "[strategies][talib]") {
    auto const average = strategies::exponential_average(reference_bars().close, 10, Indicators::talib);
    CHECK(std::isnan(average[8]));
    CHECK(average[9] == Approx(93.22).margin(0.01));
    CHECK(average[10] == Approx(93.75).margin(0.01));
}

TEST_CASE("TA-Lib's Bollinger bands come out", "[strategies][talib]") {
    auto const bands = strategies::bollinger_bands(reference_bars().close, 20, 2, Indicators::talib);
    CHECK(bands.upper[19] == Approx(98.0734).margin(0.0001));
    CHECK(bands.middle[19] == Approx(92.8910).margin(0.0001));
    CHECK(bands.lower[19] == Approx(87.7086).margin(0.0001));
    CHECK(strategies::bollinger_bands(reference_bars().close, 20, 2).upper[19] ==
          Approx(98.2080).margin(0.0001));
}

TEST_CASE("TA-Lib's average true range comes out", "[strategies][talib]") {
    auto const bars = reference_bars();
    auto const range = strategies::average_true_range(bars, 14, Indicators::talib);
    CHECK(std::isnan(range[13]));
    CHECK(100 * range[14] / bars.close[14] == Approx(3.9321).margin(0.0001));
}
