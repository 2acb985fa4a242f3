#pragma once

#include <cstddef>

#include "domains/va/models/insilico/posterior.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models::insilicova {

enum class Extend { never, automatically };

/// The reference's settings, with its defaults.
struct ReferenceOptions {
    std::size_t iterations = 4000;  ///< of which the first half is burn-in
    std::size_t thin = 10;          ///< every so many iterations a draw is kept
    double jump = 0.1;              ///< sd of a step of theta
    Extend extend = Extend::automatically;
};

/// One chain of the Gibbs sampler of R package InSilicoVA 1.4: causes of the deaths, mu and sigma2, all of
/// theta in one Metropolis step, levels from the highest to the lowest. Its chains mix badly and stay in the
/// mode they fall into; it is here to reproduce published analyses.
///
/// With Extend::automatically, while Heidelberger and Welch's test fails for a cause with a mean fraction
/// above 2 %, the chain is doubled, at most three times; its first half is burn-in again. `converged` is that
/// test's last verdict.
/// @pre problem.n_causes >= 2, at least one death
/// @throws Cancelled
[[nodiscard]] Posterior sample_reference(Problem const& problem, ReferenceOptions const& options,
                                         Random random, Watcher& watcher);

}  // namespace vaster::models::insilicova
