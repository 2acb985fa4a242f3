#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domains/va/models/insilico/chain.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models::insilicova {

/// The posterior density of everything but the causes of the deaths, which are summed out, on coordinates
/// without bounds: theta but the first cause's, mu and log sigma2 of each population, and for each level
/// logit((v_l - lowest) / (v_{l-1} - lowest)), with the highest bound before the first.
///     sum_n log sum_c csmf_c P(x_n | c; v)^answer_weight  +  sum_l log Beta(v_l; a_l, b - a_l)
///       - sum_c (log sigma2 + (theta_c - mu)^2 / sigma2) / 2  -  log(sigma2) / 2  +  log of the Jacobian
/// up to a constant that all states of a problem share. Where causes are as likely beforehand, levels are the
/// only unknowns: theta, mu and sigma2 have neither coordinates nor terms. The prior of sigma2 is the one
/// that the sampler's draws of mu and sigma2 imply: flat in sigma.
class CollapsedDensity {
  public:
    /// The likelihood is set to levels of its own by every evaluation.
    CollapsedDensity(Problem const& problem, Likelihood& likelihood);

    [[nodiscard]] std::size_t n_coordinates() const noexcept { return n_; }

    [[nodiscard]] std::vector<double> coordinates(State const& state) const;
    [[nodiscard]] State state(std::span<double const> coordinates) const;
    [[nodiscard]] double log_density(std::span<double const> coordinates);

  private:
    Problem const& problem_;
    Likelihood& likelihood_;
    std::size_t n_moving_;  ///< populations whose theta, mu and sigma2 are unknown
    std::size_t n_;
    std::vector<double> log_csmf_, csmf_, expected_;
};

/// log of the integral of exp(log density) about one mode, by bridge sampling between draws of the posterior
/// that stayed in the mode and a normal distribution fitted to them. Meng and Wong (1996), Statistica Sinica
/// 6:831-860. The first half of the draws fits the normal distribution, the second half is used in the
/// estimate.
/// @param draws  [n_draws][density.n_coordinates()], at least 4
/// @returns NaN where it cannot be estimated: the draws of the one lie where the other has no density
/// @throws Cancelled
[[nodiscard]] double log_evidence(CollapsedDensity& density, std::span<double const> draws, Random& random,
                                  Watcher& watcher);

}  // namespace vaster::models::insilicova
