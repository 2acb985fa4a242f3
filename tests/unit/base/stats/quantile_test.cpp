#include "base/stats/quantile.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/bootstrap.hpp"

using namespace vaster;

namespace {

double quantile(std::vector<double> values, double p) {
    return stats::quantile(values, p);
}

}  // namespace

TEST_CASE("quantiles are those of NumPy and of R's type 7", "[stats][quantile]") {
    // numpy.quantile of NumPy 1.24.2
    std::vector<double> const values{3.1, -2.0, 7.7, 0.4, 5.5, 5.5, 1.25};
    CHECK(quantile(values, 0) == -2.0);
    CHECK(quantile(values, 0.025) == Approx(-1.64).epsilon(1e-14));
    CHECK(quantile(values, 0.1) == Approx(-0.56).epsilon(1e-14));
    CHECK(quantile(values, 0.5) == 3.1);
    CHECK(quantile(values, 0.77) == 5.5);
    CHECK(quantile(values, 0.975) == Approx(7.37).epsilon(1e-14));
    CHECK(quantile(values, 1) == 7.7);
}

TEST_CASE("one value is every quantile, no value and NaN are none", "[stats][quantile]") {
    CHECK(quantile({4.5}, 0) == 4.5);
    CHECK(quantile({4.5}, 0.3) == 4.5);
    CHECK(quantile({4.5}, 1) == 4.5);
    CHECK(std::isnan(quantile({}, 0.5)));
    CHECK(std::isnan(quantile({1, std::numeric_limits<double>::quiet_NaN(), 3}, 0.5)));
}

TEST_CASE("infinite values do not turn their neighbours into NaN", "[stats][quantile]") {
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK(quantile({1, 2, infinity}, 0.5) == 2);
    CHECK(quantile({1, 2, infinity}, 1) == infinity);
}

TEST_CASE("the percentile interval is the pair of quantiles", "[stats][quantile]") {
    std::vector<double> values;
    for (int i = 1000; i >= 0; --i) values.push_back(i);
    auto const interval = stats::percentile_interval(values);
    CHECK(interval.lo == Approx(25).epsilon(1e-12));
    CHECK(interval.hi == Approx(975).epsilon(1e-12));
    auto const narrow = stats::percentile_interval(values, 0.5);
    CHECK(narrow.lo == Approx(250).epsilon(1e-12));
    CHECK(narrow.hi == Approx(750).epsilon(1e-12));
    CHECK(std::isnan(stats::percentile_interval({}).lo));
    CHECK(std::isnan(stats::percentile_interval({}).hi));
}

TEST_CASE("a resample draws every index equally often and depends on stream and size only",
          "[stats][bootstrap]") {
    std::vector<std::uint32_t> first(10);
    std::vector<std::uint32_t> second(10);
    Random random(1);
    Random again(1);
    std::vector<int> counts(10);
    for (int r = 0; r < 10000; ++r) {
        stats::resample(random, first);
        stats::resample(again, second);
        REQUIRE(first == second);
        for (std::uint32_t const index : first) ++counts.at(index);
    }
    double chi_square = 0;
    for (int const count : counts) chi_square += (count - 1e4) * (count - 1e4) / 1e4;
    CHECK(chi_square < 27.9);  // 0.999 quantile with 9 degrees of freedom: 27.88
}
