#include "base/stats/summary.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

struct Expected {
    double degrees_of_freedom;
    double p;
    double t;
};

}  // namespace

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

TEST_CASE("Student's t quantiles are those of a computation with 30 digits", "[stats][summary]") {
    auto const expected = GENERATE(values<Expected>({
        // Inverted by bisection of betainc of mpmath 1.3.0 at 30 digits (SciPy 1.10.1's t.ppf is right to 9
        // digits only)
        {1, 0.6, 0.324919696232906326},
        {1, 0.975, 12.7062047361747046},
        {1, 0.025, -12.7062047361747046},
        {1, 0.9995, 636.619248768719616},
        {2, 0.9, 1.88561808316412673},
        {2, 0.9995, 31.5990545764436207},
        {2.5, 0.975, 3.57465484200368322},
        {4, 0.6, 0.270722294707597425},
        {5, 0.975, 2.57058183563631551},
        {5, 0.9995, 6.86882662588111025},
        {9, 0.9, 1.38302873839663231},
        {29, 0.975, 2.0452296421327043},
        {29, 0.9995, 3.65940501946633286},
        {1000, 0.6, 0.253414515839498765},
        {1000, 0.975, 1.96233908082640848},
    }));
    CAPTURE(expected.degrees_of_freedom, expected.p);
    CHECK(stats::student_t_quantile(expected.p, expected.degrees_of_freedom) ==
          Approx(expected.t).epsilon(1e-11));
    CHECK(stats::student_t_cdf(expected.t, expected.degrees_of_freedom) == Approx(expected.p).epsilon(1e-12));
}

TEST_CASE("Student's t is what its closed forms say for one and two degrees of freedom", "[stats][summary]") {
    double const pi = std::acos(-1.0);
    for (double const p : {1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-6}) {
        CAPTURE(p);
        CHECK(stats::student_t_quantile(p, 1) ==
              Approx(std::tan(pi * (p - 0.5))).epsilon(1e-9).margin(1e-13));
        CHECK(stats::student_t_quantile(p, 2) ==
              Approx((2 * p - 1) / std::sqrt(2 * p * (1 - p))).epsilon(1e-9).margin(1e-13));
    }
}

TEST_CASE("Student's t quantile exists in the far tail and goes over into the normal quantile",
          "[stats][summary]") {
    // scipy.stats.norm.ppf(0.975) = 1.959963984540054; next term of the expansion: (z^3 + z) / (4 v)
    double const z = 1.959963984540054;
    CHECK(stats::student_t_quantile(0.975, 1e5) == Approx(z + (z * z * z + z) / 4e5).epsilon(1e-9));
    CHECK(stats::student_t_quantile(1e-100, 1) == Approx(-1 / (std::acos(-1.0) * 1e-100)).epsilon(1e-9));
}

TEST_CASE("the incomplete beta function is right to 11 digits and has its symmetry", "[stats][summary]") {
    // betainc of mpmath 1.3.0 at 30 digits
    CHECK(stats::incomplete_beta(0.5, 0.5, 0.3) == Approx(0.369010119565545383).epsilon(1e-13));
    CHECK(stats::incomplete_beta(2, 3, 0.4) == Approx(0.5248).epsilon(1e-13));
    CHECK(stats::incomplete_beta(30, 0.5, 0.97) == Approx(0.178217544970241542).epsilon(1e-12));
    CHECK(stats::incomplete_beta(1000, 2000, 0.33) == Approx(0.350632676134182747).epsilon(1e-11));
    CHECK(stats::incomplete_beta(2, 3, 0) == 0);
    CHECK(stats::incomplete_beta(2, 3, 1) == 1);
    CHECK(stats::incomplete_beta(3, 7, 0.2) + stats::incomplete_beta(7, 3, 0.8) == Approx(1).epsilon(1e-14));
}
