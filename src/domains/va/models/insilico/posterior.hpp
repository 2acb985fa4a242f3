#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::models::insilicova {

/// A region of the posterior that chains stay in.
struct Mode {
    std::size_t n_starts = 0;      ///< how many of the starting points led here
    double log_weight = 0;         ///< log of its share of the posterior, estimated
    double weight = 1;             ///< that share
    std::vector<double> csmf;      ///< its mean cause fractions, [n_populations][n_causes]
    double csmf_distance = 0;      ///< largest difference of a fraction from the first mode's
    double top_cause_changes = 0;  ///< share of deaths whose top cause differs from the first mode's
};

/// What sampling yields.
struct Posterior {
    std::vector<double> probability;    ///< mean of P(cause | death), [n_deaths][n_causes]
    std::vector<double> csmf;           ///< mean of the cause fractions, [n_populations][n_causes]
    std::vector<double> csmf_lo;        ///< 2.5 % quantile of their draws
    std::vector<double> csmf_hi;        ///< 97.5 % quantile
    std::vector<double> overall;        ///< the sub-populations together, each weighed by its share of the
                                        ///< deaths: mean, [n_causes]; csmf where there is one population
    std::vector<double> overall_lo;     ///< 2.5 % quantile
    std::vector<double> overall_hi;     ///< 97.5 % quantile
    std::vector<double> csmf_draws;     ///< kept draws, [n_chains][n_kept][n_populations * n_causes]
    std::vector<double> level_draws;    ///< kept draws, [n_chains][n_kept][n_levels]
    std::vector<double> spread_csmf;    ///< `spread_draws` of them from all modes, by weight: each is as
                                        ///< good as any other, [draws][n_populations * n_causes]
    std::vector<double> spread_levels;  ///< the same draws, [draws][n_levels]
    std::size_t n_chains = 1;
    std::size_t n_kept = 0;      ///< draws of each chain
    std::size_t iterations = 0;  ///< of each chain, burn-in included
    double acceptance = 0;       ///< share of the proposals for theta that were accepted
    double worst_rhat =
        0;  ///< over causes with a mean of 2 % or more; of halves of the chain where there is one
    double worst_ess = 0;               ///< bulk effective draws, over the same causes
    bool converged = false;             ///< by the sampler's own rule
    std::size_t extensions = 0;         ///< how often the chains were made longer
    std::vector<Mode> modes;            ///< by weight, heaviest first; empty: not looked for
    std::size_t n_unweighed_modes = 0;  ///< that were found and left out: their weight cannot be estimated
};

/// So many draws are spread over all that was sampled.
inline constexpr std::size_t spread_draws = 400;

/// Appends `n` of the draws in `from`, evenly spaced; some of them twice where there are fewer.
/// @param width  numbers of a draw
void append_evenly(std::span<double const> from, std::size_t width, std::size_t n, std::vector<double>& to);

/// Causes with a smaller mean fraction do not count towards convergence, as in the reference.
inline constexpr double least_watched_fraction = 0.02;

/// sum over sub-populations g of shares[g] fractions[g][c].
/// @param fractions  [n_populations][n_causes]
/// @returns [n_causes]
[[nodiscard]] std::vector<double> pooled_fractions(std::span<double const> fractions,
                                                   std::span<double const> shares);

/// The modes by their evidence, heaviest first; those whose evidence is NaN are left out.
[[nodiscard]] std::vector<std::size_t> order_of_modes(std::span<double const> log_evidence);

/// Fills means, intervals and diagnostics of the cause fractions from the draws, of which there is at least
/// one.
/// @param shares  of the sub-populations in the deaths
/// @throws ModelError when a draw is not a finite number
void summarise(Posterior& posterior, std::span<double const> shares);

}  // namespace vaster::models::insilicova
