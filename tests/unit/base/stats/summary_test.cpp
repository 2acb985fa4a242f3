#include "base/stats/summary.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("mean, standard deviation and t interval are those of a computation with 30 digits",
          "[stats][summary]") {
    // mpmath 1.3.0
    std::vector<double> const values{0.884, 0.79, 0.81, 0.9, 0.845, 0.7};
    auto const summary = stats::summarise(values);
    CHECK(summary.n == 6);
    CHECK(summary.mean == Approx(0.8215).epsilon(1e-14));
    CHECK(summary.sd == Approx(0.0728114002062863779).epsilon(1e-14));
    auto const interval = stats::t_interval(summary);
    CHECK(interval.lo == Approx(0.745089121632793221).epsilon(1e-13));
    CHECK(interval.hi == Approx(0.897910878367206779).epsilon(1e-13));
}

TEST_CASE("too few values have no mean, no standard deviation, no interval", "[stats][summary]") {
    CHECK(stats::summarise({}).n == 0);
    CHECK(std::isnan(stats::summarise({}).mean));
    auto const one = stats::summarise(std::vector<double>{0.25});
    CHECK(one.mean == 0.25);
    CHECK(std::isnan(one.sd));
    CHECK(std::isnan(stats::t_interval(one).lo));
    CHECK(std::isnan(stats::t_interval(one).hi));
    auto const same = stats::summarise(std::vector<double>{2, 2, 2});
    CHECK(same.sd == 0);
    CHECK(stats::t_interval(same).lo == 2);
    CHECK(stats::t_interval(same).hi == 2);
}
