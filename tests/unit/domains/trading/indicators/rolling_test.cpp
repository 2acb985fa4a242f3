#include "domains/trading/indicators/rolling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "base/stats/quantile.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using strategies::Series;

namespace {

constexpr double gone = std::numeric_limits<double>::quiet_NaN();

Series noise(std::size_t n, double level) {
    Random random = random_stream(3, "noise", Purpose::simulate);
    Series result;
    for (std::size_t i = 0; i < n; ++i) result.push_back(level + std::floor(100 * random.uniform()) / 16);
    return result;
}

}  // namespace

TEST_CASE("rolling statistics are those of every window by itself", "[strategies][rolling]") {
    std::size_t const window = GENERATE(2, 7, 50);
    auto const x = noise(700, 5);
    auto const mean = strategies::rolling_mean(x, window);
    auto const deviation = strategies::rolling_deviation(x, window);
    auto const highest = strategies::rolling_max(x, window);
    auto const lowest = strategies::rolling_min(x, window);
    auto const quantile = strategies::rolling_quantile(x, window, 0.8);
    auto const rank = strategies::rolling_rank(x, window);
    CHECK(std::isnan(mean[window - 2]));
    std::size_t n_wrong = 0;
    for (std::size_t i = window - 1; i < x.size(); ++i) {
        std::vector<double> values(x.begin() + static_cast<std::ptrdiff_t>(i + 1 - window),
                                   x.begin() + static_cast<std::ptrdiff_t>(i + 1));
        double sum = 0;
        double squares = 0;
        double below = 0.5;
        for (double const v : values) sum += v;
        for (double const v : values) squares += (v - sum / double(window)) * (v - sum / double(window));
        for (double const v : values) below += v < x[i] ? 1 : v == x[i] ? 0.5 : 0;
        bool const is_right = std::abs(mean[i] - sum / double(window)) < 1e-12 &&
                              std::abs(deviation[i] - std::sqrt(squares / double(window - 1))) < 1e-12 &&
                              highest[i] == *std::max_element(values.begin(), values.end()) &&
                              lowest[i] == *std::min_element(values.begin(), values.end()) &&
                              std::abs(rank[i] - below / double(window)) < 1e-12 &&
                              std::abs(quantile[i] - stats::quantile(values, 0.8)) < 1e-12;
        n_wrong += is_right ? 0 : 1;
    }
    CHECK(n_wrong == 0);
}

TEST_CASE("rolling sums do not drift", "[strategies][rolling]") {
    // Prices of 1e9 pass through the window; what is behind them must be as exact as before.
    auto x = noise(3000, 0);
    for (std::size_t i = 1000; i < 1100; ++i) x[i] = 1e9 + 1.0 / 3;
    auto const mean = strategies::rolling_mean(x, 20);
    auto const deviation = strategies::rolling_deviation(x, 20);
    Series const tail(x.end() - 20, x.end());
    CHECK(mean.back() == Approx(strategies::rolling_mean(tail, 20).back()).epsilon(1e-12));
    CHECK(deviation.back() == Approx(strategies::rolling_deviation(tail, 20).back()).epsilon(1e-12));
    CHECK(deviation[1050] == 0);
    CHECK(strategies::rolling_deviation(noise(300, 1e6), 20).back() ==
          Approx(strategies::rolling_deviation(noise(300, 0), 20).back()).epsilon(1e-9));
}

TEST_CASE("windows with missing values have no statistics until enough are there", "[strategies][rolling]") {
    Series const x{1, gone, 3, 4, 5, gone, 7};
    auto const sum = strategies::rolling_sum(x, 3);
    CHECK(std::isnan(sum[3]));
    CHECK(sum[4] == 12);
    CHECK(std::isnan(sum[5]));
    auto const some = strategies::rolling_sum(x, 3, 1);
    CHECK(some[0] == 1);
    CHECK(some[2] == 4);
    CHECK(some[6] == 12);
    CHECK(std::isnan(strategies::rolling_max(x, 3)[3]));
    CHECK(strategies::rolling_max(x, 3)[4] == 5);
    CHECK(strategies::rolling_quantile(x, 3, 0.5, 2)[3] == 3.5);
    CHECK(std::isnan(strategies::rolling_deviation(x, 3)[3]));
    CHECK(strategies::rolling_deviation(x, 3)[4] == 1);
}
