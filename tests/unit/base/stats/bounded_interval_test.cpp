#include "base/stats/bounded_interval.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/paired_tests.hpp"
#include "base/stats/summary.hpp"

using namespace vaster::stats;

TEST_CASE("the bounded t interval is that of the logit carried back", "[stats]") {
    // Python 3.11, SciPy 1.10: x = [.2, .35, .9]; m, se = mean(x), std(x, ddof=1) / sqrt(3);
    // expit(logit(m) + [-1, 1] * t.ppf(.975, 2) * se / (m * (1 - m)))
    auto const summary = summarise(std::vector{0.2, 0.35, 0.9});
    auto const interval = bounded_t_interval(summary.mean, summary.sd / std::sqrt(3.0), 2, {0, 1});
    CHECK(interval.lo == Approx(0.023363539241529275).epsilon(1e-9));
    CHECK(interval.hi == Approx(0.9733914852299277).epsilon(1e-9));
    // The plain interval of the same numbers leaves the range.
    CHECK(t_interval(summary).lo < 0);
    CHECK(t_interval(summary).hi > 1);
    // The same on [-1, 1] with m = .25, se = .3, 4 degrees of freedom.
    auto const wide = bounded_t_interval(0.25, 0.3, 4, {-1, 1});
    CHECK(wide.lo == Approx(-0.560148543056422).epsilon(1e-9));
    CHECK(wide.hi == Approx(0.8157148920713817).epsilon(1e-9));
}

TEST_CASE("the bounded t interval lies around its mean and in its range, whatever the standard error",
          "[stats]") {
    for (double const mean : {1e-9, 0.01, 0.3, 0.5, 0.97, 1 - 1e-9})
        for (double const error : {1e-12, 0.01, 0.2, 3.0, 1e6}) {
            CAPTURE(mean, error);
            auto const interval = bounded_t_interval(mean, error, 1, {0, 1});
            CHECK(interval.lo >= 0);
            CHECK(interval.lo <= mean);
            CHECK(interval.hi >= mean);
            CHECK(interval.hi <= 1);
        }
}

TEST_CASE("a short bounded t interval is the plain one", "[stats]") {
    auto const interval = bounded_t_interval(0.4, 1e-5, 9, {0, 1});
    auto const plain = 2.2621571628540993 * 1e-5;  // t quantile of 9 degrees of freedom
    CHECK(interval.lo == Approx(0.4 - plain).margin(1e-9));
    CHECK(interval.hi == Approx(0.4 + plain).margin(1e-9));
}

TEST_CASE("a mean on a bound, and one without bounds, has the plain interval within the range", "[stats]") {
    CHECK(bounded_t_interval(1, 0, 3, {0, 1}).lo == 1);
    CHECK(bounded_t_interval(1, 0, 3, {0, 1}).hi == 1);
    Range const at_least_zero{.lo = 0};
    auto const half_open = bounded_t_interval(1, 1, 2, at_least_zero);
    CHECK(half_open.lo == 0);
    CHECK(half_open.hi == Approx(1 + 4.302652729911275));
    double const missing = std::numeric_limits<double>::quiet_NaN();
    CHECK(std::isnan(bounded_t_interval(0.5, missing, 1, {0, 1}).lo));
    CHECK(std::isnan(within({missing, missing}, {0, 1}).hi));
    CHECK(within({-0.26, 1.187}, {0, 1}).hi == 1);
}
