#pragma once

#include <cstddef>

/// Nested latent classes (LCVA): every cause has a few classes of deaths, in each of which symptoms are
/// independent, and every site has shares of its own in which the classes of a cause occur there.
namespace vaster::models::nested {

/// Prior and sampler. The model, for death i of cause c at site g with answers x_is:
///     z_i | c, g      ~ Categorical(lambda_gc)                 its class, 0 ... n_classes - 1
///     x_is | c, z = k ~ Bernoulli(theta_cks)
///     theta_cks       = phi_cks with probability tau_c, else gamma_cs, which all classes of the cause share
///     phi_cks ~ Beta(v m_s, v (1 - m_s)),  gamma_cs ~ Beta(b m_s, b (1 - m_s)),  tau_c ~ Beta(1, 1)
///     lambda_gc ~ Dirichlet(a lambda_c),  lambda_c ~ Dirichlet(omega / K, ..., omega / K)
/// with m_s the share of all training deaths that have symptom s.
struct Settings {
    std::size_t n_classes = 5;       ///< K, of each cause
    double class_concentration = 1;  ///< omega
    double site_concentration = 2;   ///< a: how much the sites' shares are alike
    double base_strength = 10;       ///< b: deaths that m_s stands for in what a cause's classes share
    double class_strength = 5;       ///< v: the same in what a class has of its own
    std::size_t n_chains = 2;
    std::size_t burn_in = 100;  ///< sweeps of each chain before the first draw
    std::size_t thinning = 5;   ///< sweeps between draws
    std::size_t n_draws = 60;   ///< of all chains together, a multiple of n_chains
};

}  // namespace vaster::models::nested
