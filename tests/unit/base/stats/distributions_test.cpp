#include "base/stats/distributions.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

struct Expected {
    double degrees_of_freedom;
    double p;
    double t;
};

}  // namespace

TEST_CASE("Student's t quantiles are those of a computation with 30 digits", "[stats][distributions]") {
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

TEST_CASE("Student's t is what its closed forms say for one and two degrees of freedom",
          "[stats][distributions]") {
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
          "[stats][distributions]") {
    // scipy.stats.norm.ppf(0.975) = 1.959963984540054; next term of the expansion: (z^3 + z) / (4 v)
    double const z = 1.959963984540054;
    CHECK(stats::student_t_quantile(0.975, 1e5) == Approx(z + (z * z * z + z) / 4e5).epsilon(1e-9));
    CHECK(stats::student_t_quantile(1e-100, 1) == Approx(-1 / (std::acos(-1.0) * 1e-100)).epsilon(1e-9));
}

TEST_CASE("the distribution function of Beta is right to 11 digits and has its symmetry",
          "[stats][distributions]") {
    // betainc of mpmath 1.3.0 at 30 digits
    CHECK(stats::beta_cdf(0.3, 0.5, 0.5) == Approx(0.369010119565545383).epsilon(1e-13));
    CHECK(stats::beta_cdf(0.4, 2, 3) == Approx(0.5248).epsilon(1e-13));
    CHECK(stats::beta_cdf(0.97, 30, 0.5) == Approx(0.178217544970241542).epsilon(1e-12));
    CHECK(stats::beta_cdf(0.33, 1000, 2000) == Approx(0.350632676134182747).epsilon(1e-11));
    CHECK(stats::beta_cdf(0, 2, 3) == 0);
    CHECK(stats::beta_cdf(1, 2, 3) == 1);
    CHECK(stats::beta_cdf(0.2, 3, 7) + stats::beta_cdf(0.8, 7, 3) == Approx(1).epsilon(1e-14));
}

TEST_CASE("normal quantiles are those of scipy and undo the distribution", "[stats][distributions]") {
    // scipy 1.10 stats.norm.ppf
    CHECK(stats::normal_quantile(1e-12) == Approx(-7.034483825301131).epsilon(1e-12));
    CHECK(stats::normal_quantile(0.001) == Approx(-3.090232306167813).epsilon(1e-12));
    CHECK(stats::normal_quantile(0.3) == Approx(-0.5244005127080409).epsilon(1e-12));
    CHECK(stats::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-12));
    CHECK(stats::normal_quantile(0.5) == 0);
    for (double const z : {-6.0, -1.5, 0.2, 3.0})
        CHECK(stats::normal_quantile(stats::normal_cdf(z)) == Approx(z));
}

TEST_CASE("binomial probabilities are those of rational arithmetic", "[stats][distributions]") {
    // fractions.Fraction and math.comb of Python 3.11
    CHECK(stats::binomial_mass(3, 10, 0.3) == Approx(0.266827932).epsilon(1e-14));
    CHECK(stats::binomial_cdf(3, 10, 0.3) == Approx(0.6496107184).epsilon(1e-14));
    CHECK(stats::binomial_mass(12, 5000, 0.001) == Approx(0.00342153724518855).epsilon(1e-12));
    CHECK(stats::binomial_cdf(12, 5000, 0.001) == Approx(0.9979931498633833).epsilon(1e-13));
    CHECK(stats::binomial_mass(400, 1100, 0.5) == Approx(2.5366001664201783e-20).epsilon(1e-12));
    CHECK(stats::binomial_cdf(400, 1100, 0.5) == Approx(5.867944027802907e-20).epsilon(1e-12));
    CHECK(stats::binomial_cdf(10, 10, 0.3) == 1);
    CHECK(stats::binomial_mass(0, 0, 0.3) == 1);
    CHECK(stats::binomial_mass(0, 5, 0) == 1);
    CHECK(stats::binomial_mass(4, 5, 1) == 0);
}

TEST_CASE("what is beyond all numbers or none has an answer and no exception", "[stats][distributions]") {
    double const nan = std::nan("");
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK(std::isnan(stats::normal_cdf(nan)));
    CHECK(std::isnan(stats::student_t_cdf(nan, 3)));
    CHECK(stats::normal_cdf(-infinity) == 0);
    CHECK(stats::normal_cdf(infinity) == 1);
    CHECK(stats::student_t_cdf(-infinity, 3) == 0);
    CHECK(stats::student_t_cdf(infinity, 3) == 1);
    CHECK(stats::normal_cdf(-40) < 1e-300);
    CHECK(stats::normal_quantile(5e-324) < -38);
}
