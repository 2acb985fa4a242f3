#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/va/models/features.hpp"
#include "domains/va/models/lcva/settings.hpp"
#include "domains/va/models/signs.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models::nested {

/// Draws from the posterior of what the training deaths say: [n_draws], those of a chain side by side.
struct Draws {
    std::size_t n_draws = 0;
    std::size_t n_sites = 0;
    std::size_t n_causes = 0;   ///< with training deaths
    std::size_t n_classes = 0;  ///< of each cause
    std::size_t n_signs = 0;
    std::vector<float> theta;      ///< P(sign | cause, class), [n_draws][n_causes][n_classes][n_signs]
    std::vector<double> mixtures;  ///< shares of classes: of the cause lambda_c, then of every site
                                   ///< lambda_gc, [n_draws][1 + n_sites][n_causes][n_classes]

    /// Of one draw, [n_causes][n_classes][n_signs].
    [[nodiscard]] std::span<float const> theta_of(std::size_t draw) const {
        std::size_t const n = n_causes * n_classes * n_signs;
        return {theta.data() + draw * n, n};
    }

    /// Of one draw and 0 (all sites) or 1 + a site, [n_causes][n_classes].
    [[nodiscard]] std::span<double const> mixture_of(std::size_t draw, std::size_t place) const {
        std::size_t const n = n_causes * n_classes;
        return {mixtures.data() + (draw * (1 + n_sites) + place) * n, n};
    }
};

/// Probabilities are kept this far from 0 and 1.
inline constexpr float least_theta = 1e-6F;

/// Training deaths as the sampler sees them.
struct Training {
    Signs const& signs;
    PresentCauses const& present;
    std::span<std::uint32_t const> sites;  ///< of each death, in [0, n_sites)
    std::size_t n_sites = 1;
};

/// Gibbs sampling of all that Settings names: classes of deaths, then which theta are their cause's own, phi,
/// gamma and tau (gamma given, phi integrated out where it is decided whose theta is), then the shares of
/// classes with the auxiliary counts of tables of the Chinese restaurant franchise: Teh et al. (2006),
/// doi:10.1198/016214506000000302. The model: Li, Wu, Chen and Clark (2021), arXiv:2112.12186; ours has
/// Dirichlet shares that sites have in common in the place of sticks broken for each site alone.
/// @throws Cancelled
[[nodiscard]] Draws sample_posterior(Training const& training, Settings const& settings, Random random,
                                     Watcher& watcher);

}  // namespace vaster::models::nested
