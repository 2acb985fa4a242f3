#pragma once

#include <cstddef>

#include "domains/va/models/insilico/posterior.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models::insilicova {

/// When to be content, and when to give up.
struct SamplerOptions {
    std::size_t chains = 4;
    std::size_t max_iterations = 32000;  ///< of each chain
    std::size_t starts = 12;  ///< starting points from which modes are looked for, at least `chains`
    double rhat = 1.01;       ///< converged: split R-hat below this ...
    double ess = 400;         ///< ... and so many bulk effective draws, for every watched cause
};

/// The same posterior as the reference's, sampled within its modes and weighed between them.
///
/// * Within a mode: causes of the deaths, mu and sigma2, and levels are drawn as in the reference; theta
/// is drawn exactly given them (draw_theta).
/// * Modes: from many over-dispersed starts; starts that end at the same fractions and levels, measured in
/// their own
///   standard deviations, share a mode. Where there are several, each one's share of the posterior is
///   estimated by bridge sampling with the causes of the deaths summed out. Modes with less than exp(-12) of
///   the heaviest one's share are told but not sampled further. Modes whose share cannot be estimated are
///   left out, and nothing counts as converged then.
/// * Chains start in the modes that matter, and end as soon as the fractions of all causes of 2 % or more
/// have split R-hat
///   below and bulk effective sample size above the limits, in each mode. Results are averages over the modes
///   by weight.
///
/// @pre problem.n_causes >= 2, at least one death
/// @throws Cancelled, ModelError when there are several modes and the share of none can be estimated
[[nodiscard]] Posterior sample_default(Problem const& problem, SamplerOptions const& options, Random random,
                                       Watcher& watcher);

}  // namespace vaster::models::insilicova
