#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/va/models/insilico/draws.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"

namespace vaster::models::insilicova {

/// Where a chain stands: everything that the model does not know.
struct State {
    std::vector<double>
        theta;  ///< log cause fractions up to a constant, [n_populations][n_causes]; first cause 1
    std::vector<double> mu;      ///< mean of theta, [n_populations]
    std::vector<double> sigma2;  ///< variance of theta, [n_populations]
    std::vector<double> levels;  ///< values of the levels, [n_levels], falling
};

/// The start of every chain: theta_1 = 1, theta_c = log(100 u) with u uniform, mu = sigma2 = 1; theta = 0
/// where causes are as likely beforehand.
[[nodiscard]] State start_state(Problem const& problem, Random& random);

/// softmax of each population's theta, and its log.
void cause_fractions(Problem const& problem, std::span<double const> theta, std::span<double> log_csmf,
                     std::span<double> csmf);

/// mu and sigma2 given theta: mu ~ Normal(mean, sigma2 / C), then sigma2 ~ 1 / Gamma((C - 1) / 2, sum (theta
/// - mu)^2 / 2).
void draw_hyperparameters(Problem const& problem, State& state, Random& random);

/// Proposes all of theta at once, each but the first moved by jump * Normal(0, 1), as the reference does.
/// @param deaths  at each cause, [n_populations][n_causes]
/// @returns the number of populations whose proposal was accepted
std::size_t step_theta_block(Problem const& problem, State& state, std::span<double const> deaths,
                             double jump, Random& random);

/// Draws theta of every cause given the hyperparameters. With z ~ Gamma(deaths, rate sum_c exp(theta_c)),
/// whose density takes the place of the deaths' power of that sum, causes are independent given z (Caron and
/// Doucet 2010, arXiv:1011.1761):
///     log p(theta_c | z, ...) = deaths_c theta_c - z exp(theta_c) - (theta_c - mu)^2 / (2 sigma2) + constant
/// Each is drawn exactly. What is common to all theta and mu changes no fraction: all of them are shifted so
/// that the first cause's theta stays 1, and its fraction moves as freely as the others'.
/// @returns the number of proposals, at least n_populations * n_causes, of which so many were accepted
std::size_t draw_theta(Problem const& problem, State& state, std::span<double const> deaths, Random& random);

/// Values of the levels given the counts, from the highest to the lowest:
/// Beta(a + k, b - a + n - k) between the next lower level's old value and the next higher one's new value.
/// @param power  the power to which the likelihood is raised, beside the problem's answer_weight (k and n are
/// multiplied by both)
void draw_levels(Problem const& problem, State& state, Counts const& counts, double power, Random& random);

}  // namespace vaster::models::insilicova
