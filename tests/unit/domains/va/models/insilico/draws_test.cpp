#include "domains/va/models/insilico/draws.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/distributions.hpp"
#include "base/stats/summary.hpp"

using namespace vaster;
using models::insilicova::draw_truncated_beta;
using stats::beta_cdf;

namespace {

/// Kolmogorov's distance of draws from Beta(a, b) on (lower, upper), times the root of their number.
double distance(double a, double b, double lower, double upper, std::size_t n) {
    Random random(7);
    std::vector<double> draws(n);
    for (double& x : draws) x = draw_truncated_beta(a, b, lower, upper, random);
    std::sort(draws.begin(), draws.end());
    REQUIRE(draws.front() >= lower);
    REQUIRE(draws.back() <= upper);
    double const from = beta_cdf(lower, a, b);
    double const mass = beta_cdf(upper, a, b) - from;
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double const p = (beta_cdf(draws[i], a, b) - from) / mass;
        auto const k = static_cast<double>(i);
        largest = std::max({largest, p - k / static_cast<double>(n), (k + 1) / static_cast<double>(n) - p});
    }
    return largest * std::sqrt(static_cast<double>(n));
}

}  // namespace

TEST_CASE("truncated Beta draws follow the truncated distribution function", "[models][insilico]") {
    // Kolmogorov's statistic is above 1.95 in one sample of a thousand.
    CHECK(distance(3, 5, 0.0001, 0.9999, 20000) < 1.95);         // nearly untruncated
    CHECK(distance(3, 5, 0.3, 0.5, 20000) < 1.95);               // about the mode
    CHECK(distance(30, 50, 0.5, 0.9, 20000) < 1.95);             // upper tail
    CHECK(distance(30, 50, 0.01, 0.25, 20000) < 1.95);           // lower tail
    CHECK(distance(0.0005, 480, 0.0001, 0.9999, 20000) < 1.95);  // no mode, all at the lower end
    CHECK(distance(475.2, 0.3, 0.2, 0.9999, 20000) < 1.95);      // no mode, all at the upper end
    CHECK(distance(5000, 9000, 0.35, 0.36, 20000) < 1.95);       // narrow
    CHECK(distance(0.4, 0.6, 0.1, 0.9, 20000) < 1.95);           // two peaks outside
}

TEST_CASE("an interval that holds next to nothing gives its middle", "[models][insilico]") {
    Random random(1);
    // Beta(5000, 5000) has mass of about 1e-88 above 0.6.
    CHECK(draw_truncated_beta(5000, 5000, 0.6, 0.8, random) == Approx(0.7));
    CHECK(draw_truncated_beta(5000, 5000, 0.2, 0.4, random) == Approx(0.3));
    // P(0.5 < X < 0.5 + 1e-10) is 8e-9 under Beta(5000, 5000), whose density there is 80; twice the width has
    // enough.
    double const narrow = draw_truncated_beta(5000, 5000, 0.5, 0.5 + 1e-10, random);
    CHECK(narrow == 0.5 + 0.5e-10);
}

TEST_CASE("the limit of 1e-8 is judged by the exact mass", "[models][insilico]") {
    // Upper bounds at which Beta(20, 30) has mass 0.9e-8 and 1.1e-8 below them; by bisection of the
    // distribution function.
    auto const bound_at = [](double mass) {
        double from = 0;
        double to = 0.4;
        for (int i = 0; i < 200; ++i) {
            double const middle = 0.5 * (from + to);
            (beta_cdf(middle, 20, 30) < mass ? from : to) = middle;
        }
        return from;
    };
    Random random(3);
    double const too_little = bound_at(0.9e-8);
    for (int i = 0; i < 20; ++i) {
        CHECK(draw_truncated_beta(20, 30, 0.0001, too_little, random) == 0.5 * (0.0001 + too_little));
    }
    double const enough = bound_at(1.1e-8);
    std::size_t n_middle = 0;
    for (int i = 0; i < 20; ++i) {
        if (draw_truncated_beta(20, 30, 0.0001, enough, random) == 0.5 * (0.0001 + enough)) ++n_middle;
    }
    CHECK(n_middle == 0);
}

TEST_CASE("an empty interval gives its upper end", "[models][insilico]") {
    Random random(1);
    CHECK(draw_truncated_beta(3, 4, 0.5, 0.5, random) == 0.5);
    CHECK(draw_truncated_beta(3, 4, 0.6, 0.5, random) == 0.5);
}

TEST_CASE("a logarithm is below a bound whether or not it has to be worked out", "[models][insilico]") {
    using models::insilicova::log_is_below;
    Random random(5);
    int n_wrong = 0;
    for (int k = 0; k < 20000; ++k) {
        double const u = models::insilicova::open_uniform(random);
        double const bound = -4 * random.uniform();
        if (log_is_below(u, bound) != (std::log(u) < bound)) ++n_wrong;
    }
    CHECK(n_wrong == 0);
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK(log_is_below(0.5, std::nextafter(std::log(0.5), 1.0)));
    CHECK_FALSE(log_is_below(0.5, std::log(0.5)));
    CHECK(log_is_below(1 - 0x1p-53, 0));
    CHECK(log_is_below(0.5, infinity));
    CHECK_FALSE(log_is_below(0x1p-53, -infinity));
    CHECK_FALSE(log_is_below(0.5, std::nan("")));
}
