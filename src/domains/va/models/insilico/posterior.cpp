#include "domains/va/models/insilico/posterior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stats/quantile.hpp"
#include "domains/va/models/insilico/diagnostics.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::insilicova {

std::vector<double> population_shares(Problem const& problem) {
    std::vector<double> shares(problem.n_populations, 0.0);
    double const each = 1 / static_cast<double>(problem.n_deaths());
    for (std::size_t i = 0; i < problem.n_deaths(); ++i)
        shares[problem.population.empty() ? 0 : problem.population[i]] += each;
    return shares;
}

void drawn_fractions(Problem const& problem, std::span<double const> deaths, std::span<double> fractions) {
    std::size_t const n_causes = problem.n_causes;
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        double n = 0;
        for (std::size_t c = 0; c < n_causes; ++c) n += deaths[g * n_causes + c];
        for (std::size_t c = 0; c < n_causes; ++c)
            fractions[g * n_causes + c] = n > 0 ? deaths[g * n_causes + c] / n : 0;
    }
}

std::vector<double> pooled_fractions(std::span<double const> fractions, std::span<double const> shares) {
    VASTER_EXPECTS(!shares.empty() && fractions.size() % shares.size() == 0);
    std::size_t const n_causes = fractions.size() / shares.size();
    std::vector<double> pooled(n_causes, 0.0);
    for (std::size_t g = 0; g < shares.size(); ++g)
        for (std::size_t c = 0; c < n_causes; ++c) pooled[c] += shares[g] * fractions[g * n_causes + c];
    return pooled;
}

std::vector<std::size_t> order_of_modes(std::span<double const> log_evidence) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < log_evidence.size(); ++i)
        if (!std::isnan(log_evidence[i])) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return log_evidence[a] > log_evidence[b]; });
    return order;
}

void append_evenly(std::span<double const> from, std::size_t width, std::size_t n, std::vector<double>& to) {
    if (width == 0) return;
    std::size_t const n_draws = from.size() / width;
    VASTER_EXPECTS(n == 0 || n_draws > 0);
    for (std::size_t i = 0; i < n; ++i) {
        auto const draw = from.subspan(i * n_draws / n * width, width);
        to.insert(to.end(), draw.begin(), draw.end());
    }
}

namespace {

/// Mean and 95 % interval of one quantity's draws.
struct Summary {
    double mean = 0;
    double lo = 0;
    double hi = 0;
};

Summary summary_of(std::vector<double> draws) {  // by value: quantile reorders
    double sum = 0;
    for (double const draw : draws) sum += draw;
    require<ModelError>(std::isfinite(sum), "InSilicoVA's chains left the range of numbers");
    return {sum / static_cast<double>(draws.size()), stats::quantile(draws, 0.025),
            stats::quantile(draws, 0.975)};
}

void summarise_overall(Posterior& posterior, std::span<double const> shares) {
    if (shares.size() == 1) {
        posterior.overall = posterior.csmf;
        posterior.overall_lo = posterior.csmf_lo;
        posterior.overall_hi = posterior.csmf_hi;
        return;
    }
    std::size_t const n_fractions = posterior.csmf.size();
    std::size_t const n_causes = n_fractions / shares.size();
    std::size_t const n = posterior.n_chains * posterior.n_kept;
    std::vector<std::vector<double>> draws(n_causes);
    for (std::size_t k = 0; k < n; ++k) {
        auto const pooled = pooled_fractions({&posterior.csmf_draws[k * n_fractions], n_fractions}, shares);
        for (std::size_t c = 0; c < n_causes; ++c) draws[c].push_back(pooled[c]);
    }
    for (auto const& of_cause : draws) {
        Summary const summary = summary_of(of_cause);
        posterior.overall.push_back(summary.mean);
        posterior.overall_lo.push_back(summary.lo);
        posterior.overall_hi.push_back(summary.hi);
    }
}

}  // namespace

void summarise(Posterior& posterior, std::span<double const> shares) {
    std::size_t const n = posterior.n_chains * posterior.n_kept;
    VASTER_EXPECTS(n > 0);
    std::size_t const n_fractions = posterior.csmf_draws.size() / n;
    posterior.csmf.resize(n_fractions);
    posterior.csmf_lo.resize(n_fractions);
    posterior.csmf_hi.resize(n_fractions);
    posterior.worst_rhat = 1;
    posterior.worst_ess = static_cast<double>(n);
    std::vector<double> draws(n);
    for (std::size_t i = 0; i < n_fractions; ++i) {
        for (std::size_t k = 0; k < n; ++k) draws[k] = posterior.csmf_draws[k * n_fractions + i];
        Summary const summary = summary_of(draws);
        posterior.csmf[i] = summary.mean;
        posterior.csmf_lo[i] = summary.lo;
        posterior.csmf_hi[i] = summary.hi;
        if (summary.mean < least_watched_fraction) continue;
        ChainDraws const chains{draws, posterior.n_chains};
        auto const [rhat, ess] = mixing_of(chains);
        posterior.worst_rhat = std::max(posterior.worst_rhat, rhat);
        posterior.worst_ess = std::min(posterior.worst_ess, ess);
    }
    summarise_overall(posterior, shares);
}

}  // namespace vaster::models::insilicova
