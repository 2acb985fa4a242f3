#include "domains/va/models/insilico/chain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stats/samplers.hpp"

namespace vaster::models::insilicova {

namespace {

// Where a handful of deaths tells nothing of the spread of theta its posterior has no finite mass, and a
// chain may walk off; the first place where the bounds matter is far beyond any spread that data call for.
constexpr double least_sigma2 = 1e-10;
constexpr double most_sigma2 = 1e4;

/// log sum exp of one population's theta.
double log_sum_exp(std::span<double const> theta) {
    double const most = *std::max_element(theta.begin(), theta.end());
    double sum = 0;
    for (double const t : theta) sum += std::exp(t - most);
    return most + std::log(sum);
}

/// log density of theta given the causes of the deaths and the hyperparameters.
double log_target(std::span<double const> theta, std::span<double const> deaths, double mu, double sigma2) {
    double const norm = log_sum_exp(theta);
    double sum = 0;
    for (std::size_t c = 0; c < theta.size(); ++c) {
        double const off = theta[c] - mu;
        sum += deaths[c] * (theta[c] - norm) - off * off / (2 * sigma2);
    }
    return sum;
}

/// theta of one cause given z and the hyperparameters. The log of its density is, up to a constant,
///     count * theta - z * exp(theta) - precision * (theta - mu)^2 / 2
struct CauseGiven {
    double z;
    double log_z;
    double mu;
    double precision;

    /// Newton's step towards the mode.
    [[nodiscard]] double step_at(double count, double at, double exp_at) const {
        double const rate = std::min(z * exp_at, std::numeric_limits<double>::max());
        return (count - rate - precision * (at - mu)) / (rate + precision);
    }

    /// Near the mode, from a point whose exponential is known. If that is far off, from the right end of
    /// where the mode can be: there the slope is concave, so that no step goes past the mode.
    [[nodiscard]] double near_mode(double count, double at, double exp_at) const {
        constexpr double near = 0.3;
        double const first = step_at(count, at, exp_at);
        if (std::abs(first) < near) return at + first;
        at = count > 0 ? std::max(mu, std::log(count) - log_z) : mu;
        for (;;) {
            double const step = step_at(count, at, std::exp(at));
            at += step;
            if (!(step <= -near)) return at;
        }
    }

    /// A draw by rejection, which is exact wherever `mode` is. From the log of Gamma(a, rate z), a = count +
    /// precision * (mu - mode), where that is narrower than the prior: the density over that one's is in
    /// proportion to exp(-precision * (theta - mode)^2 / 2). Elsewhere from the normal distribution that has
    /// the tangent of -z * exp(theta) at the mode in that term's place.
    /// @param proposals  one more for each that was made
    double draw(double count, double mode, Random& random, std::size_t& proposals) const {
        double const shape = count + precision * (mu - mode);
        // Its standard deviation is about 1 / sqrt(a), or 1 / a where a is small.
        if (shape > 0 && shape * std::min(shape, 1.0) >= precision) {
            for (;;) {
                ++proposals;
                double const theta = stats::sample_log_gamma(random, shape) - log_z;
                double const off = theta - mode;
                if (log_is_below(open_uniform(random), -0.5 * precision * off * off)) return theta;
            }
        }
        double const rate = z * std::exp(mode);
        double const middle = mu + (count - rate) / precision;
        double const sd = 1 / std::sqrt(precision);
        for (;;) {
            ++proposals;
            double const theta = middle + sd * stats::sample_normal(random);
            double const off = theta - mode;
            if (log_is_below(open_uniform(random), -rate * (std::expm1(off) - off))) return theta;
        }
    }
};

}  // namespace

State start_state(Problem const& problem, Random& random) {
    State state;
    state.theta.resize(problem.n_populations * problem.n_causes);
    for (std::size_t i = 0; i < state.theta.size(); ++i) {
        state.theta[i] = i % problem.n_causes == 0 ? 1 : std::log(100 * open_uniform(random));
    }
    if (problem.causes == CausePrior::uniform) std::ranges::fill(state.theta, 0.0);
    state.mu.assign(problem.n_populations, 1);
    state.sigma2.assign(problem.n_populations, 1);
    state.levels = problem.start_value;
    return state;
}

void cause_fractions(Problem const& problem, std::span<double const> theta, std::span<double> log_csmf,
                     std::span<double> csmf) {
    std::size_t const c_count = problem.n_causes;
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        auto const of_group = theta.subspan(g * c_count, c_count);
        double const norm = log_sum_exp(of_group);
        for (std::size_t c = 0; c < c_count; ++c) {
            log_csmf[g * c_count + c] = of_group[c] - norm;
            csmf[g * c_count + c] = std::exp(of_group[c] - norm);
        }
    }
}

void draw_hyperparameters(Problem const& problem, State& state, Random& random) {
    std::size_t const c_count = problem.n_causes;
    auto const n = static_cast<double>(c_count);
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        std::span<double const> const theta(state.theta.data() + g * c_count, c_count);
        double mean = 0;
        for (double const t : theta) mean += t;
        mean /= n;
        state.mu[g] = mean + std::sqrt(state.sigma2[g] / n) * stats::sample_normal(random);
        double squares = 0;
        for (double const t : theta) squares += (t - state.mu[g]) * (t - state.mu[g]);
        double const sigma2 = squares / 2 / stats::sample_gamma(random, (n - 1) / 2);
        state.sigma2[g] = std::clamp(sigma2, least_sigma2, most_sigma2);
    }
}

std::size_t step_theta_block(Problem const& problem, State& state, std::span<double const> deaths,
                             double jump, Random& random) {
    std::size_t const c_count = problem.n_causes;
    std::size_t accepted = 0;
    std::vector<double> proposal(c_count);
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        std::span<double> const theta(state.theta.data() + g * c_count, c_count);
        proposal[0] = theta[0];
        for (std::size_t c = 1; c < c_count; ++c)
            proposal[c] = theta[c] + jump * stats::sample_normal(random);
        auto const of_group = deaths.subspan(g * c_count, c_count);
        double const gain = log_target(proposal, of_group, state.mu[g], state.sigma2[g]) -
                            log_target(theta, of_group, state.mu[g], state.sigma2[g]);
        if (std::log(open_uniform(random)) >= gain) continue;
        std::copy(proposal.begin(), proposal.end(), theta.begin());
        ++accepted;
    }
    return accepted;
}

std::size_t draw_theta(Problem const& problem, State& state, std::span<double const> deaths, Random& random) {
    std::size_t const n = problem.n_causes;
    std::size_t proposals = 0;
    std::vector<double> weight(n);
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        std::span<double> const theta(state.theta.data() + g * n, n);
        auto const count = deaths.subspan(g * n, n);
        double const most = *std::max_element(theta.begin(), theta.end());
        double sum = 0;
        double all = 0;
        for (std::size_t c = 0; c < n; ++c) {
            weight[c] = std::exp(theta[c] - most);
            sum += weight[c];
            all += count[c];
        }
        double const z = all > 0 ? stats::sample_gamma(random, all) / sum : 0;
        CauseGiven const given{z, std::log(z), state.mu[g] - most, 1 / state.sigma2[g]};
        for (std::size_t c = 0; c < n; ++c) {
            double const mode = given.near_mode(count[c], theta[c] - most, weight[c]);
            theta[c] = given.draw(count[c], mode, random, proposals);
        }
        double const shift = theta[0] - 1;  // theta of the first cause stays: all others and mu move instead
        for (double& t : theta) t -= shift;
        state.mu[g] = given.mu - shift;
    }
    return proposals;
}

void draw_levels(Problem const& problem, State& state, Counts const& counts, double power, Random& random) {
    std::size_t const n = problem.n_levels;
    power *= problem.answer_weight;
    for (std::size_t l = 0; l < n; ++l) {
        double const lower =
            l + 1 < n ? std::max(state.levels[l + 1], lowest_probability) : lowest_probability;
        double const upper = l > 0 ? std::min(state.levels[l - 1], highest_probability) : highest_probability;
        double const a = problem.prior_present[l] + power * counts.present[l];
        double const b =
            problem.prior_total - problem.prior_present[l] + power * (counts.answered[l] - counts.present[l]);
        state.levels[l] = draw_truncated_beta(a, b, lower, upper, random);
    }
}

}  // namespace vaster::models::insilicova
