#include "domains/trading/backtest/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "domains/trading/backtest/positions.hpp"
#include "vaster/support/random.hpp"

namespace vaster::backtest {
namespace {

using Series = std::vector<double>;

TradingRules const free_of_charge{.fee = 0, .slippage = 0};

struct Bars {
    Series open;
    Series high;
    Series low;
    Series close;

    [[nodiscard]] Prices prices() const { return {open, high, low, close}; }
};

Bars random_bars(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    Bars bars;
    double price = 100;
    for (std::size_t t = 0; t < n; ++t) {
        bars.open.push_back(price * (0.995 + 0.01 * random.uniform()));
        price *= 0.98 + 0.04 * random.uniform();
        bars.close.push_back(price);
        bars.high.push_back(std::max(bars.open[t], price) * (1 + 0.005 * random.uniform()));
        bars.low.push_back(std::min(bars.open[t], price) * (1 - 0.005 * random.uniform()));
    }
    return bars;
}

Series random_sides(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    Series wishes(n, 0.0);
    for (std::size_t t = 1; t < n; ++t)
        wishes[t] = random.uniform() < 0.8 ? wishes[t - 1] : static_cast<double>(random.below(3)) - 1;
    return wishes;
}

double end_of(Account const& account) {
    double equity = 1;
    for (double const change : account.returns) equity *= 1 + change;
    return equity;
}

/// Bars that only move between open and close.
Bars plain(Series const& open, Series const& close) {
    Bars bars{open, {}, {}, close};
    for (std::size_t t = 0; t < open.size(); ++t) {
        bars.high.push_back(std::max(open[t], close[t]));
        bars.low.push_back(std::min(open[t], close[t]));
    }
    return bars;
}

TEST_CASE("a wish is filled at the next open and earns from there on", "[backtest][simulate]") {
    Bars const bars = plain({100, 104, 110, 99}, {102, 106, 100, 90});
    auto const account = simulate(bars.prices(), Series{1, 1, 0, 0}, free_of_charge);
    REQUIRE(account.returns.size() == 4);
    CHECK(account.returns[0] == 0);
    CHECK(account.returns[1] == Approx(106.0 / 104 - 1));
    CHECK(account.returns[2] == Approx(100.0 / 106 - 1));
    CHECK(account.returns[3] == Approx(99.0 / 100 - 1));  // out at the open, not at 90
    REQUIRE(account.trades.size() == 1);
    CHECK(account.trades[0].entry == 1);
    CHECK(account.trades[0].exit == 3);
    CHECK(account.trades[0].profit == Approx(99.0 / 104 - 1));
    CHECK(account.turnover == Approx(2));
    CHECK(account.position == Series{0, 1, 1, 0});
}

TEST_CASE("a wish that is filled at the next close earns nothing of that bar", "[backtest][simulate]") {
    Bars const bars = plain({100, 104, 110, 99}, {102, 106, 100, 90});
    TradingRules rules = free_of_charge;
    rules.fill = Fill::next_close;
    auto const account = simulate(bars.prices(), Series{-1, -1, -1, 0}, rules);
    CHECK(account.returns[1] == 0);
    CHECK(account.returns[2] == Approx(1 - 100.0 / 106));
    CHECK(end_of(account) == Approx(1 + (106.0 - 90) / 106));  // units sold once: no compounding
    CHECK(account.trades[0].exit == 3);
}

TEST_CASE("fee and slippage are paid on the traded notional, when it is half of the equity too",
          "[backtest][simulate]") {
    Bars const bars = plain({100, 100, 100, 100}, {100, 100, 100, 100});
    TradingRules const rules{.fee = 0.01, .slippage = 0.02};
    auto const account = simulate(bars.prices(), Series{0.5, -0.5, -0.5, -0.5}, rules);
    // in: 0.5 of 1 costs 0.015; out: 0.5 more costs 0.015; then half of 0.97 is sold and costs 0.03 of it
    CHECK(account.returns[1] == Approx(-0.015));
    CHECK(end_of(account) == Approx(0.97 - 0.485 * 0.03));
    CHECK(account.costs == Approx(0.015 + 0.015 / 0.985 + 0.015));
    REQUIRE(account.trades.size() == 2);
    CHECK(account.trades[0].profit == Approx(-0.03));
    CHECK(account.trades[1].side == -1);
}

TEST_CASE("a change of size belongs to the trade", "[backtest][simulate]") {
    Bars const bars = plain({100, 100, 200, 200}, {100, 200, 200, 100});
    auto const account = simulate(bars.prices(), Series{0.5, 1, 1, 1}, free_of_charge);
    REQUIRE(account.trades.size() == 1);
    CHECK(end_of(account) == Approx(1.5 * 0.5));
    CHECK(account.trades[0].profit == Approx(-0.25));
    CHECK(account.turnover == Approx(0.5 + (1.5 - 1) / 1.5));
}

TEST_CASE("a stop loss is filled at its level, or at the open that lies beyond it", "[backtest][simulate]") {
    TradingRules rules = free_of_charge;
    rules.stop_loss = 0.05;
    Bars bars{{100, 100, 99}, {100, 101, 99}, {100, 98, 90}, {100, 99, 97}};
    auto const at_level = simulate(bars.prices(), Series{1, 1, 1}, rules);
    CHECK(end_of(at_level) == Approx(0.95));
    bars.open[2] = 93;
    auto const at_open = simulate(bars.prices(), Series{1, 1, 1}, rules);
    CHECK(end_of(at_open) == Approx(0.93));
    Bars const up{{100, 100}, {100, 106}, {100, 100}, {100, 101}};
    CHECK(end_of(simulate(up.prices(), Series{-1, -1}, rules)) == Approx(0.95));
}

TEST_CASE("a take-profit is filled at its level, but the loss comes first where one bar reaches both",
          "[backtest][simulate]") {
    TradingRules rules = free_of_charge;
    rules.stop_loss = 0.05;
    rules.take_profit = 0.1;
    Bars bars{{100, 100, 104}, {100, 105, 115}, {100, 99, 102}, {100, 104, 103}};
    CHECK(end_of(simulate(bars.prices(), Series{1, 1, 1}, rules)) == Approx(1.1));
    bars.low[2] = 94;
    CHECK(end_of(simulate(bars.prices(), Series{1, 1, 1}, rules)) == Approx(0.95));
    bars.open[2] = 112;
    CHECK(end_of(simulate(bars.prices(), Series{1, 1, 1}, rules)) == Approx(1.12));
}

TEST_CASE("a trailing stop follows the highs of the bars before", "[backtest][simulate]") {
    TradingRules rules = free_of_charge;
    rules.trailing_stop = 0.1;
    // Bar 1: high 120. Bar 2 falls to 109 and rises to 130: the level is 108, the new high counts from bar 3:
    // 117.
    Bars const bars{{100, 100, 118, 120}, {100, 120, 130, 121}, {100, 100, 109, 116}, {100, 118, 120, 120}};
    auto const account = simulate(bars.prices(), Series{1, 1, 1, 1}, rules);
    CHECK(end_of(account) == Approx(1.17));
    CHECK(account.trades[0].exit == 3);
}

TEST_CASE("stops may be told in mean true ranges of the bars before the entry", "[backtest][simulate]") {
    // Bars 0 and 1 have true ranges 2 and 4 (the gap from 100 counts): before the entry at bar 2 their mean
    // is 3.
    Bars bars{{100, 103, 102, 102, 102},
              {101, 104, 103, 104, 106},
              {99, 103, 101, 98.5, 95},
              {100, 104, 102, 103, 96}};
    CHECK(mean_true_range(bars.prices())[1] == Approx(3));
    TradingRules rules = free_of_charge;
    rules.stop_loss_atr = 2;
    Series const late{0, 1, 1, 1, 1};
    CHECK(end_of(simulate(bars.prices(), late, rules)) == Approx(96.0 / 102));  // level 102 - 6
    rules.trailing_stop_atr = 1.5;
    // Best price 103 after bar 2: the level of bar 3 is 98.5, which is nearer, and is reached.
    CHECK(end_of(simulate(bars.prices(), late, rules)) == Approx(98.5 / 102));
    rules.stop_loss = 0.02;
    CHECK(end_of(simulate(bars.prices(), late, rules)) == Approx(99.96 / 102));
}

TEST_CASE("after a stop the account stays out until the side changes", "[backtest][simulate]") {
    TradingRules rules = free_of_charge;
    rules.stop_loss = 0.05;
    Bars const bars = plain({100, 100, 90, 90, 90, 90, 90}, {100, 90, 90, 90, 90, 90, 90});
    auto const stopped = simulate(bars.prices(), Series{1, 1, 0.5, 1, 0, 1, 1}, rules);
    REQUIRE(stopped.trades.size() == 2);
    CHECK(stopped.trades[0].exit == 1);
    CHECK(stopped.trades[1].entry == 6);
    auto const turned = simulate(bars.prices(), Series{1, 1, -1, -1, -1, -1, -1}, rules);
    CHECK(turned.trades[1].entry == 3);
}

TEST_CASE("an account that is lost trades no more", "[backtest][simulate]") {
    Bars const bars = plain({100, 100, 250, 50}, {100, 250, 50, 50});
    auto const account = simulate(bars.prices(), Series{-1, -1, 1, 1}, free_of_charge);
    CHECK(account.returns == Series{0, -1, 0, 0});
    REQUIRE(account.trades.size() == 1);
    CHECK(account.trades[0].profit <= -1);
}

TEST_CASE("without costs and stops an account is the product of its trades, entry to exit",
          "[backtest][simulate]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Bars const bars = random_bars(300, seed);
        Series const wishes = random_sides(300, seed + 100);
        TradingRules rules = free_of_charge;
        rules.fill = seed % 2 == 0 ? Fill::next_close : Fill::next_open;
        Series const& fills = seed % 2 == 0 ? bars.close : bars.open;
        double equity = 1;
        std::size_t n_trades = 0;
        for (std::size_t t = 0; t + 1 < wishes.size();) {
            std::size_t end = t;
            while (end + 1 < wishes.size() && wishes[end] == wishes[t]) ++end;
            bool const open_to_the_end = wishes[end] == wishes[t] || end + 1 >= fills.size();
            double const exit = open_to_the_end ? bars.close.back() : fills[end + 1];
            if (wishes[t] != 0) {
                equity *= 1 + wishes[t] * (exit / fills[t + 1] - 1);
                ++n_trades;
            }
            t = end;
            if (open_to_the_end) break;
        }
        auto const account = simulate(bars.prices(), wishes, rules);
        CHECK(end_of(account) == Approx(equity).epsilon(1e-12));
        CHECK(account.trades.size() == n_trades);
    }
}

TEST_CASE("bars to come change nothing that has been", "[backtest][simulate]") {
    Bars const bars = random_bars(200, 3);
    TradingRules const rules{.stop_loss = 0.02, .take_profit = 0.03, .trailing_stop = 0.025};
    Series const wishes = random_sides(200, 4);
    auto const account = simulate(bars.prices(), wishes, rules);
    constexpr std::size_t past = 120;
    Bars other = bars;
    for (std::size_t t = past; t < 200; ++t)
        for (auto* series : {&other.open, &other.high, &other.low, &other.close}) (*series)[t] *= 1.5;
    auto const changed = simulate(other.prices(), wishes, rules);
    CHECK(std::equal(account.returns.begin(), account.returns.begin() + past, changed.returns.begin()));
    // The wish of a bar is not yet traded at that bar.
    Series late = wishes;
    for (std::size_t t = past - 1; t < 200; ++t) late[t] = -wishes[t];
    auto const lagged = simulate(bars.prices(), late, rules);
    CHECK(std::equal(account.returns.begin(), account.returns.begin() + past, lagged.returns.begin()));
}

TEST_CASE("a signal becomes a position by its side, by itself or by the calm of the market",
          "[backtest][positions]") {
    Series const signal{0, 0.3, 0.05, -0.05, -0.6, 0, 0.2};
    Series close{100};
    for (double const change : {0.01, -0.01, 0.01, -0.01, 0.03, -0.03})
        close.push_back(close.back() * (1 + change));
    Bars const bars = plain(close, close);
    Prices const prices = bars.prices();
    CHECK(targets(signal, prices, {.threshold = 0.1}) == Series{0, 1, 1, 1, -1, -1, 1});
    CHECK(targets(signal, prices, {.threshold = 0.25, .size = 0.5}) ==
          Series{0, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5});
    CHECK(targets(signal, prices, {.threshold = 0.1, .sizing = Sizing::signal, .size = 2}) ==
          Series{0, 0.6, 0, 0, -1.2, 0, 0.4});
    auto const calm = targets(
        signal, prices,
        {.threshold = 0.1, .sizing = Sizing::volatility, .target_volatility = 0.01, .volatility_bars = 2});
    double const sd = 0.02 / std::sqrt(2);  // of 0.01 and -0.01
    CHECK(calm[1] == 0);
    CHECK(calm[2] == Approx(0.01 / sd));
    CHECK(calm[3] == calm[2]);  // held
    CHECK(calm[4] == Approx(-0.01 / sd));
    CHECK(calm[6] == Approx(0.01 / (0.06 / std::sqrt(2))));
}

TEST_CASE("a mean true range costs no more than the share of equity it may", "[backtest][positions]") {
    Bars bars = plain({100, 100, 100, 200, 200}, {100, 100, 100, 200, 200});
    bars.high = {102, 102, 102, 240, 240};
    Series const signal{0.5, 0, 0, -0.5, 0};
    // Ranges: 2, 2, 2, 140, 40. The mean of the first four is 36.5.
    auto const wishes = targets(signal, bars.prices(), {.threshold = 0.1, .range_risk = 0.01});
    CHECK(wishes[0] == Approx(0.01 * 100 / 2));
    CHECK(wishes[2] == wishes[0]);  // found when the side was taken
    CHECK(wishes[3] == Approx(-0.01 * 200 / 36.5));
    CHECK(wishes[4] == wishes[3]);
    CHECK(targets(signal, bars.prices(), {.threshold = 0.1, .range_risk = 0.03})[0] ==
          1);  // at most its size
    CHECK(
        targets(signal, bars.prices(), {.threshold = 0.1, .sizing = Sizing::signal, .range_risk = 0.01})[0] ==
        Approx(0.5 * 0.01 * 100 / 2));
    Bars later = bars;
    later.high[4] = 900;
    later.close[4] = 10;
    auto const unchanged = targets(signal, later.prices(), {.threshold = 0.1, .range_risk = 0.01});
    CHECK(std::equal(wishes.begin(), wishes.end() - 1, unchanged.begin()));
}

}  // namespace
}  // namespace vaster::backtest
