#include "domains/trading/backtest/published.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/summary.hpp"
#include "domains/trading/backtest/prices.hpp"
#include "vaster/support/random.hpp"

// The numbers below are those of the earlier implementation in Python (pandas 1.5.3) on this series.

namespace vaster::backtest {
namespace {

using Series = std::vector<double>;

Series golden_closes() {
    std::uint64_t state = 42;
    auto const uniform = [&] {
        double const value = static_cast<double>(scramble(state) >> 11) * 0x1.0p-53;
        state += 0x9e3779b97f4a7c15ULL;
        return value;
    };
    Series closes;
    double close = 100;
    for (int t = 0; t < 1000; ++t) {
        double sum = 0;
        for (int i = 0; i < 8; ++i) {
            double const u = uniform();
            if (i < 4) sum += u;
        }
        close *= 1 + 0.02 * std::sqrt(3.0) * (sum - 2);
        closes.push_back(close);
    }
    return closes;
}

/// Exponential mean with a = 2 / (span + 1) and weights that sum to 1.
Series exponential_mean(Series const& values, double span) {
    double const keep = 1 - 2 / (span + 1);
    double sum = 0;
    double weight = 0;
    Series means;
    for (double const value : values) {
        sum = keep * sum + value;
        weight = keep * weight + 1;
        means.push_back(sum / weight);
    }
    return means;
}

/// The crossover of the means over 12 and 26 bars with strength 0.5.
Series crossover(Series const& closes) {
    auto const fast = exponential_mean(closes, 12);
    auto const slow = exponential_mean(closes, 26);
    Series signal(closes.size(), 0.0);
    for (std::size_t t = 0; t < closes.size(); ++t) {
        bool const up = t > 0 && fast[t] > slow[t] && fast[t - 1] <= slow[t - 1];
        bool const down = t > 0 && fast[t] < slow[t] && fast[t - 1] >= slow[t - 1];
        if (up || fast[t] > 1.005 * slow[t]) signal[t] = 0.5;
        if (down || fast[t] < 0.995 * slow[t]) signal[t] = -0.5;
    }
    return signal;
}

/// Bollinger bands over 20 bars, 2 standard deviations.
Series bands(Series const& closes) {
    Series signal(closes.size(), 0.0);
    for (std::size_t t = 19; t < closes.size(); ++t) {
        auto const summary = stats::summarise(std::span(closes).subspan(t - 19, 20));
        double const place = (closes[t] - (summary.mean - 2 * summary.sd)) / (4 * summary.sd);
        signal[t] = place > 0.8 || place < 0 ? -1 : place < 0.2 ? 1 : 0;
    }
    return signal;
}

TEST_CASE("the series is the published one", "[backtest][published]") {
    auto const closes = golden_closes();
    CHECK(closes.front() == Approx(98.3520129566).epsilon(1e-11));
    CHECK(closes.back() == Approx(51.2379146728).epsilon(1e-11));
}

TEST_CASE("pool Sharpe ratios with the same bar's return and with a lag are the published ones",
          "[backtest][published]") {
    auto const closes = golden_closes();
    auto const signal = bands(closes);
    CHECK(pool_result(signal, closes, 0.5, Earning::same_bar).fitness == Approx(-0.003275).margin(5e-7));
    CHECK(pool_result(signal, closes, 0.5, Earning::next_bar).fitness == Approx(0.034797).margin(5e-7));
    // A strength of 0.5 is never above the threshold.
    auto const idle = pool_result(crossover(closes), closes, 0.5, Earning::same_bar);
    CHECK(idle.fitness == 0);
    CHECK(idle.bars_in_market == 0);
}

TEST_CASE("weighted fitness of the crossover and of the bands is the published one",
          "[backtest][published]") {
    auto const closes = golden_closes();
    auto const ema = weighted_fitness(crossover(closes), closes, DrawdownSign::rewarded);
    CHECK(ema.sharpe == Approx(-0.23548807).margin(1e-8));
    CHECK(ema.consistency == Approx(0.39324060).margin(1e-8));
    CHECK(ema.max_drawdown == Approx(-0.28214178).margin(1e-8));
    CHECK(ema.win_rate == Approx(0.397));
    CHECK(ema.weighted == Approx(0.36312589).margin(1e-8));
    auto const bollinger = weighted_fitness(bands(closes), closes, DrawdownSign::rewarded);
    CHECK(bollinger.sharpe == Approx(1.47004685).margin(1e-8));
    CHECK(bollinger.consistency == Approx(0.23276190).margin(1e-8));
    CHECK(bollinger.max_drawdown == Approx(-0.18332993).margin(1e-8));
    CHECK(bollinger.win_rate == Approx(0.235));
    CHECK(bollinger.weighted == Approx(1.84070535).margin(1e-8));
}

TEST_CASE("a drawdown that is punished makes the weighted fitness worse", "[backtest][published]") {
    auto const closes = golden_closes();
    auto const signal = bands(closes);
    auto const rewarded = weighted_fitness(signal, closes, DrawdownSign::rewarded);
    auto const punished = weighted_fitness(signal, closes, DrawdownSign::punished);
    CHECK(punished.weighted - rewarded.weighted == Approx(2 * rewarded.max_drawdown));
}

TEST_CASE("pool numbers of four bars by hand", "[backtest][published]") {
    Series const closes{100, 110, 99, 99};
    auto const result = pool_result(Series{0, 1, 0, -1}, closes, 0.5, Earning::same_bar);
    // +10 %, -10 % (held), 0 (short)
    CHECK(result.bars_in_market == 3);
    CHECK(result.total_return == Approx(0).margin(1e-15));
    CHECK(result.max_drawdown == Approx(0).margin(1e-15));
    CHECK(result.win_rate == Approx(1.0 / 3));
    auto const lagged = pool_result(Series{0, 1, 0, -1}, closes, 0.5, Earning::next_bar);
    CHECK(lagged.total_return == Approx(-0.1));
    CHECK(lagged.max_drawdown == Approx(-0.1));
    CHECK(lagged.bars_in_market == 2);
}

}  // namespace
}  // namespace vaster::backtest
