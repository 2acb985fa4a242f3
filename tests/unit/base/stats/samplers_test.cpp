#include "base/stats/samplers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/distributions.hpp"
#include "base/stats/summary.hpp"

using namespace vaster;

namespace {

constexpr std::size_t n_draws = 100000;

std::vector<double> draws(std::function<double(Random&)> const& sample) {
    Random random(20261122);
    std::vector<double> values(n_draws);
    for (double& value : values) value = sample(random);
    return values;
}

/// sqrt(n) times the Kolmogorov-Smirnov distance from a closed-form cdf; its 0.999 quantile is 1.95.
double distance(std::vector<double> values, std::function<double(double)> const& cdf) {
    std::sort(values.begin(), values.end());
    auto const n = static_cast<double>(values.size());
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        double const p = cdf(values[i]);
        largest = std::max({largest, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
    }
    return largest * std::sqrt(n);
}

/// Mean within five standard errors, variance within a share of it.
void check_moments(std::vector<double> const& values, double mean, double variance, double share = 0.05) {
    auto const summary = stats::summarise(values);
    CHECK(summary.mean == Approx(mean).margin(5 * std::sqrt(variance / n_draws)).epsilon(0));
    CHECK(summary.sd * summary.sd == Approx(variance).epsilon(share));
}

}  // namespace

TEST_CASE("normal draws follow the normal cdf", "[stats][samplers]") {
    auto const values = draws([](Random& random) { return stats::sample_normal(random); });
    CHECK(distance(values, [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }) < 1.95);
    check_moments(values, 0, 1);
}

TEST_CASE("normal draws in pairs follow the normal cdf, and the two of a pair tell nothing of each other",
          "[stats][samplers]") {
    Random random(20261129);
    std::vector<double> values(n_draws + 1);
    stats::sample_normals(random, values);
    CHECK(distance(values, [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }) < 1.95);
    double product = 0;
    double product_of_squares = 0;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
        product += values[i] * values[i + 1];
        product_of_squares += (values[i] * values[i] - 1) * (values[i + 1] * values[i + 1] - 1);
    }
    double const n_pairs = n_draws / 2.0;
    CHECK(std::abs(product) < 4 * std::sqrt(n_pairs));                 // of variance 1
    CHECK(std::abs(product_of_squares) < 4 * 2 * std::sqrt(n_pairs));  // of variance 4

    Random again(5);
    Random one_by_one(5);
    std::vector<double> one(1);
    stats::sample_normals(again, one);
    CHECK(one[0] == stats::sample_normal(one_by_one));
}

TEST_CASE("gamma draws follow the closed forms of shapes 1/2, 1 and 3", "[stats][samplers]") {
    auto const gamma = [](double shape) {
        return draws([shape](Random& random) { return stats::sample_gamma(random, shape); });
    };
    CHECK(distance(gamma(0.5), [](double x) { return std::erf(std::sqrt(x)); }) < 1.95);
    CHECK(distance(gamma(1), [](double x) { return -std::expm1(-x); }) < 1.95);
    CHECK(distance(gamma(3), [](double x) { return 1 - std::exp(-x) * (1 + x + x * x / 2); }) < 1.95);
}

TEST_CASE("gamma draws have mean and variance equal to their shape", "[stats][samplers]") {
    for (double const shape : {0.05, 0.7, 1.0, 4.5, 1000.0}) {
        CAPTURE(shape);
        check_moments(draws([shape](Random& random) { return stats::sample_gamma(random, shape); }), shape,
                      shape,
                      5 * std::sqrt((2 + 6 / shape) / n_draws));  // five standard errors of the variance
    }
}

TEST_CASE("log gamma draws are the logarithms of gamma draws and never underflow", "[stats][samplers]") {
    for (double const shape : {0.3, 2.0}) {
        Random one(5);
        Random two(5);
        for (int i = 0; i < 1000; ++i)
            REQUIRE(std::exp(stats::sample_log_gamma(one, shape)) == Approx(stats::sample_gamma(two, shape)));
    }
    Random random(5);
    for (int i = 0; i < 1000; ++i) REQUIRE(std::isfinite(stats::sample_log_gamma(random, 1e-6)));
}

TEST_CASE("beta draws follow the beta cdf, also for small parameters", "[stats][samplers]") {
    struct Shape {
        double a;
        double b;
    };

    for (auto const& [a, b] : {Shape{1, 1}, Shape{2, 5}, Shape{0.5, 0.5}, Shape{40, 3}, Shape{0.2, 3}}) {
        CAPTURE(a, b);
        auto const values =
            draws([a = a, b = b](Random& random) { return stats::sample_beta(random, a, b); });
        CHECK(distance(values, [a = a, b = b](double x) { return stats::beta_cdf(x, a, b); }) < 1.95);
    }
    auto const extreme = draws([](Random& random) { return stats::sample_beta(random, 0.001, 0.001); });
    CHECK(std::none_of(extreme.begin(), extreme.end(), [](double x) { return std::isnan(x); }));
    check_moments(extreme, 0.5, 0.25 / 1.002);
}

TEST_CASE("Dirichlet draws sum to 1 and have beta marginals", "[stats][samplers]") {
    std::vector<double> const concentration{0.5, 2, 4.5};
    std::vector<std::vector<double>> marginals(3);
    Random random(9);
    std::vector<double> draw(3);
    for (std::size_t i = 0; i < n_draws; ++i) {
        stats::sample_dirichlet(random, concentration, draw);
        REQUIRE(std::accumulate(draw.begin(), draw.end(), 0.0) == Approx(1).epsilon(1e-14));
        for (std::size_t c = 0; c < 3; ++c) marginals[c].push_back(draw[c]);
    }
    for (std::size_t c = 0; c < 3; ++c) {
        double const a = concentration[c];
        CHECK(distance(marginals[c], [a](double x) { return stats::beta_cdf(x, a, 7 - a); }) < 1.95);
    }
}

TEST_CASE("Dirichlet draws survive tiny concentrations and sampling in place", "[stats][samplers]") {
    Random random(9);
    for (int i = 0; i < 1000; ++i) {
        std::vector<double> values(30, 1e-4);
        stats::sample_dirichlet(random, values, values);
        REQUIRE(std::accumulate(values.begin(), values.end(), 0.0) == Approx(1));
    }
}

TEST_CASE("categorical draws come in proportion to the weights, never of weight 0", "[stats][samplers]") {
    std::vector<double> const weights{0, 3, 0, 1, 6, 0};
    std::vector<int> counts(weights.size());
    Random random(11);
    for (std::size_t i = 0; i < n_draws; ++i) ++counts[stats::sample_categorical(random, weights)];
    CHECK(counts[0] + counts[2] + counts[5] == 0);
    double chi_square = 0;
    for (std::size_t const i : {1U, 3U, 4U}) {
        double const expected = weights[i] / 10 * n_draws;
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    CHECK(chi_square < 13.9);  // 0.999 quantile with 2 degrees of freedom: 13.82
    CHECK(stats::sample_categorical(random, std::vector<double>{7.5}) == 0);
}
