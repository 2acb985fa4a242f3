#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domains/va/models/lcva/posterior.hpp"

namespace vaster::models::nested {

/// How often the causes are at the place of the deaths that are coded.
enum class CauseFractions {
    batch,     ///< learned from the deaths themselves: pi ~ Dirichlet(w n_c), n_c training deaths of cause c
    training,  ///< as among the training deaths
    uniform,   ///< all the same
};

/// How often the classes of a cause are there.
enum class ClassShares {
    all_sites,  ///< lambda_c, what the training sites have in common
    sites,      ///< a mixture of the training sites, learned from the deaths: sum_g eta_g lambda_gc, eta ~
                ///< Dirichlet(e, ..., e)
};

/// What is supposed of the place where deaths are coded.
struct Target {
    CauseFractions causes = CauseFractions::uniform;
    ClassShares shares = ClassShares::all_sites;
    double cause_weight = 0.1;          ///< w, above 0
    double site_concentration = 1;      ///< e, above 0
    std::vector<std::uint32_t> deaths;  ///< n_c, [n_causes]

    /// Does what is said of a death depend on the others?
    [[nodiscard]] bool looks_at_batch() const {
        return causes == CauseFractions::batch || shares == ClassShares::sites;
    }
};

/// What is said of the deaths of one place.
struct Coded {
    std::vector<double> probability;   ///< mean over the draws, [n_deaths][n_causes]
    std::vector<double> fractions;     ///< pi of each draw, [n_draws][n_causes]; empty unless it is learned
    std::vector<double> site_weights;  ///< eta of each draw, [n_draws][n_sites]; empty unless it is learned
};

/// Codes deaths by every draw and takes the mean. Of a draw:
///     P(c | x_i) ~ pi_c sum_g eta_g sum_k lambda_gck prod_s theta_cks^x_is (1 - theta_cks)^(1 - x_is)
/// over the signs with an answer; where pi or eta is learned, a few sweeps of Gibbs sampling (causes and
/// sites of the deaths, then pi and eta), begun where those of the draw before ended. Theta and lambda are
/// not learned from these deaths: the posterior is cut there, so that a batch that the model does not fit
/// cannot change what symptoms mean. Plummer (2015), doi:10.1007/s11222-014-9503-z.
/// @throws Cancelled
[[nodiscard]] Coded code(Draws const& draws, Target const& target, Signs const& signs, Random random,
                         Watcher& watcher);

}  // namespace vaster::models::nested
