#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// How far draws of a chain can be believed.
namespace vaster::models::insilicova {

/// Is the chain stationary, and its mean known well enough? The test that InSilicoVA's reference extends its
/// chains by: Heidelberger and Welch (1983), doi:10.1287/opre.31.6.1109, as R package coda has it. From the
/// longest of the chain's last 100, 90, ... 60 % that passes the Cramer-von Mises test at 5 %, the half-width
/// of the mean's 95 % interval must be at most a tenth of the mean. Spectral densities at 0 by
/// autoregression, its order by AIC.
/// @param draws  of one quantity in order, at least 10; a constant passes
[[nodiscard]] bool passes_heidelberger_welch(std::span<double const> draws);

/// Draws of one quantity by several chains of equal length, [n_chains][n_draws].
struct ChainDraws {
    std::span<double const> draws;
    std::size_t n_chains = 1;

    [[nodiscard]] std::size_t n_draws() const noexcept { return n_chains == 0 ? 0 : draws.size() / n_chains; }
};

/// How well chains of one quantity have mixed.
struct Mixing {
    double rhat = 1;
    double ess = 0;
};

/// Split R-hat and bulk effective sample size of the same draws, for little more than one of them.
[[nodiscard]] Mixing mixing_of(ChainDraws const& chains);

/// Rank-normalised split R-hat, the larger of bulk and folded. NaN below 4 draws a chain
/// and where a draw is not a finite number; 1 where all draws are equal. Vehtari, Gelman, Simpson, Carpenter
/// and Buerkner (2021), doi:10.1214/20-BA1221.
[[nodiscard]] double split_rhat(ChainDraws const& chains);

/// Bulk effective sample size: of the rank-normalised split chains, autocorrelations summed by Geyer's
/// initial monotone sequence. At most n log10 n for n draws in all. NaN below 4 draws a chain and
/// where a draw is not a finite number; n where all draws are equal. Vehtari et al. (2021),
/// doi:10.1214/20-BA1221.
[[nodiscard]] double bulk_ess(ChainDraws const& chains);

}  // namespace vaster::models::insilicova
