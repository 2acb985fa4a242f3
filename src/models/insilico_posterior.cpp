#include "vaster/models/insilico_posterior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vaster/models/insilico_diagnostics.hpp"
#include "vaster/stats/quantile.hpp"

namespace vaster::models::insilicova {

void summarise(Posterior& posterior, std::size_t n_fractions) {
    std::size_t const n = posterior.n_chains * posterior.n_kept;
    posterior.csmf.resize(n_fractions);
    posterior.csmf_lo.resize(n_fractions);
    posterior.csmf_hi.resize(n_fractions);
    posterior.worst_rhat = 1;
    posterior.worst_ess = static_cast<double>(n);
    std::vector<double> draws(n);
    for (std::size_t i = 0; i < n_fractions; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += draws[k] = posterior.csmf_draws[k * n_fractions + i];
        posterior.csmf[i] = sum / static_cast<double>(n);
        if (posterior.csmf[i] >= least_watched_fraction) {
            ChainDraws const chains{draws, posterior.n_chains};
            posterior.worst_rhat = std::max(posterior.worst_rhat, split_rhat(chains));
            posterior.worst_ess = std::min(posterior.worst_ess, bulk_ess(chains));
        }
        posterior.csmf_lo[i] = stats::quantile(draws, 0.025);
        posterior.csmf_hi[i] = stats::quantile(draws, 0.975);
    }
}

}  // namespace vaster::models::insilicova
