#include "domains/trading/backtest/windows.hpp"

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

namespace vaster::backtest {
namespace {

TEST_CASE("test parts follow each other to the last bar, each after its training part and a gap",
          "[backtest][windows]") {
    auto const windows = walk_forward(1003, 4, 0.5, 10, Training::anchored);
    REQUIRE(windows.size() == 4);
    CHECK(windows[0].train == Range{0, 491});
    CHECK(windows[0].test.begin == 501);
    CHECK(windows[3].test.end == 1003);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(windows[i].train.end + 10 == windows[i].test.begin);
        CHECK(windows[i].train.begin == 0);
        CHECK((windows[i].test.size() == 125 || windows[i].test.size() == 126));
        if (i > 0) CHECK(windows[i].test.begin == windows[i - 1].test.end);
    }
}

TEST_CASE("a rolling training part keeps its length", "[backtest][windows]") {
    for (auto const& window : walk_forward(1000, 5, 0.4, 0, Training::rolling))
        CHECK(window.train.size() == 400);
}

TEST_CASE("too few bars are refused", "[backtest][windows]") {
    CHECK_THROWS_AS(walk_forward(20, 8, 0.5, 0, Training::anchored), DataError);
    CHECK_THROWS_AS(walk_forward(20, 1, 0.5, 9, Training::anchored), DataError);
    CHECK_NOTHROW(walk_forward(20, 5, 0.5, 8, Training::anchored));
}

}  // namespace
}  // namespace vaster::backtest
