#include "domains/va/models/insilico/chain.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/samplers.hpp"

using namespace vaster;
using namespace vaster::models::insilicova;

namespace {

/// Of two causes with so many deaths: given sigma2, d = theta_1 - theta_0 has a density in proportion to
///     s(d)^deaths_1 (1 - s(d))^deaths_0 exp(-d^2 / (4 sigma2)),  s(d) = 1 / (1 + e^-d).
struct TwoCauses {
    double deaths[2];
    double sigma2;

    [[nodiscard]] double log_density(double d) const {
        double const softplus = d > 0 ? d + std::log1p(std::exp(-d)) : std::log1p(std::exp(d));
        return deaths[1] * d - (deaths[0] + deaths[1]) * softplus - d * d / (4 * sigma2);
    }

    /// Kolmogorov's distance of n draws from it, times their root.
    [[nodiscard]] double distance(std::size_t n) const {
        auto draws = drawn(n);
        std::sort(draws.begin(), draws.end());
        // The distribution function by the trapezoidal rule, over all that matters.
        double const reach = 9 * std::sqrt(2 * sigma2);
        constexpr std::size_t n_cells = 400000;
        double const width = 2 * reach / n_cells;
        double top = log_density(0);
        for (std::size_t i = 0; i <= n_cells; ++i)
            top = std::max(top, log_density(-reach + static_cast<double>(i) * width));
        std::vector<double> below(n_cells + 1, 0.0);
        for (std::size_t i = 0; i < n_cells; ++i) {
            double const at = -reach + static_cast<double>(i) * width;
            below[i + 1] =
                below[i] + std::exp(log_density(at) - top) + std::exp(log_density(at + width) - top);
        }
        double largest = 0;
        for (std::size_t k = 0; k < n; ++k) {
            double const place = std::clamp((draws[k] + reach) / width, 0.0, n_cells - 1.0);
            auto const cell = static_cast<std::size_t>(place);
            double const within = place - static_cast<double>(cell);
            double const p = (below[cell] + within * (below[cell + 1] - below[cell])) / below.back();
            double const share = static_cast<double>(k) / static_cast<double>(n);
            largest = std::max({largest, p - share, share + 1 / static_cast<double>(n) - p});
        }
        return largest * std::sqrt(static_cast<double>(n));
    }

    /// Draws of d, from a start that is far off.
    [[nodiscard]] std::vector<double> drawn(std::size_t n) const {
        Problem problem;
        problem.n_causes = 2;
        State state{{1, -600}, {1}, {sigma2}, {}};
        Random random(11);
        std::vector<double> draws;
        constexpr std::size_t burn_in = 20;
        for (std::size_t k = 0; k < burn_in + n; ++k) {
            state.mu[0] =
                (state.theta[0] + state.theta[1]) / 2 + std::sqrt(sigma2 / 2) * stats::sample_normal(random);
            std::size_t const proposals = draw_theta(problem, state, deaths, random);
            REQUIRE(proposals >= 2);
            REQUIRE(state.theta[0] == Approx(1));
            if (k >= burn_in) draws.push_back(state.theta[1] - state.theta[0]);
        }
        return draws;
    }
};

}  // namespace

TEST_CASE("log fractions of causes follow the density that they have given the deaths",
          "[models][insilico]") {
    // Kolmogorov's statistic is above 1.95 in one sample of a thousand.
    CHECK(TwoCauses{{40, 7}, 1}.distance(20000) < 1.95);
    CHECK(TwoCauses{{0, 3}, 1.5}.distance(20000) < 1.95);     // a cause without a death
    CHECK(TwoCauses{{1200, 1}, 2}.distance(20000) < 1.95);    // a rare cause
    CHECK(TwoCauses{{900, 700}, 3}.distance(20000) < 1.95);   // many deaths: the prior says next to nothing
    CHECK(TwoCauses{{0, 0}, 2}.distance(20000) < 1.95);       // no death: the prior
    CHECK(TwoCauses{{30, 50}, 1e-4}.distance(20000) < 1.95);  // the prior says nearly all
    CHECK(TwoCauses{{3, 2}, 400}.distance(20000) <
          1.95);  // the prior says next to nothing, and so do the deaths
}

TEST_CASE("draws of log fractions cost few proposals whatever the spread is", "[models][insilico]") {
    Problem problem;
    problem.n_causes = 4;
    std::vector<double> const deaths{0, 1, 3, 1500};
    for (double const sigma2 : {1e-10, 1e-4, 1e-2, 0.5, 3.0, 1e2, 1e4}) {
        CAPTURE(sigma2);
        State state{{1, 1, 2, 5}, {2}, {sigma2}, {}};
        Random random(5);
        std::size_t proposals = 0;
        constexpr std::size_t n = 2000;
        for (std::size_t k = 0; k < n; ++k) {
            double mean = 0;
            for (double const t : state.theta) mean += t / 4;
            state.mu[0] = mean + std::sqrt(sigma2 / 4) * stats::sample_normal(random);
            proposals += draw_theta(problem, state, deaths, random);
        }
        CHECK(proposals < 3 * 4 * n);
    }
}

TEST_CASE("the shift of log fractions moves their mean along", "[models][insilico]") {
    Problem problem;
    problem.n_causes = 3;
    problem.n_populations = 2;
    State state{{1, 2, 0.5, 1, -1, 3}, {1.5, 0.5}, {1, 4}, {}};
    std::vector<double> const deaths{5, 20, 0, 2, 0, 60};
    Random random(3);
    std::vector<double> sum(6, 0.0);
    constexpr int n = 4000;
    for (int k = 0; k < n; ++k) {
        draw_hyperparameters(problem, state, random);
        CHECK(draw_theta(problem, state, deaths, random) >= 6);
        std::vector<double> log_csmf(6);
        std::vector<double> csmf(6);
        cause_fractions(problem, state.theta, log_csmf, csmf);
        for (std::size_t i = 0; i < 6; ++i) sum[i] += csmf[i] / n;
        for (std::size_t g = 0; g < 2; ++g) {
            REQUIRE(state.theta[g * 3] == Approx(1));
            REQUIRE(std::isfinite(state.mu[g]));
        }
    }
    // Each population by its own deaths, drawn a little to equal fractions.
    CHECK(sum[1] > sum[0]);
    CHECK(sum[0] > sum[2]);
    CHECK(sum[1] == Approx(20.0 / 25).margin(0.1));
    CHECK(sum[5] == Approx(60.0 / 62).margin(0.05));
}
