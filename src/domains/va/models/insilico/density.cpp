#include "domains/va/models/insilico/density.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stats/samplers.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

/// Levels closer than this share of their range to a neighbour count as that far from it.
constexpr double least_gap = 1e-12;

double logistic(double t) {
    return 1 / (1 + std::exp(-t));
}

/// -infinity where there is nothing to sum.
double log_sum_exp(std::vector<double> const& x) {
    double const most = *std::max_element(x.begin(), x.end());
    if (std::isinf(most)) return most;
    double sum = 0;
    for (double const v : x) sum += std::exp(v - most);
    return most + std::log(sum);
}

/// A normal distribution fitted to draws, as mean and Cholesky factor.
class Normal {
  public:
    Normal(std::span<double const> draws, std::size_t n) : n_(n), mean_(n), factor_(n * n) {
        std::size_t const m = draws.size() / n;
        for (std::size_t k = 0; k < m; ++k) {
            for (std::size_t i = 0; i < n; ++i) mean_[i] += draws[k * n + i] / static_cast<double>(m);
        }
        for (std::size_t k = 0; k < m; ++k) {
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j <= i; ++j) {
                    factor_[i * n + j] += (draws[k * n + i] - mean_[i]) * (draws[k * n + j] - mean_[j]);
                }
            }
        }
        // Few draws estimate many covariances badly: shrink towards the variances alone.
        double const shrink = static_cast<double>(m) / static_cast<double>(m + n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) factor_[i * n + j] *= shrink / static_cast<double>(m - 1);
            factor_[i * n + i] = factor_[i * n + i] / static_cast<double>(m - 1) + 1e-12;
        }
        decompose();
    }

    [[nodiscard]] std::vector<double> draw(Random& random) const {
        std::vector<double> z(n_);
        for (double& v : z) v = stats::sample_normal(random);
        std::vector<double> x = mean_;
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t j = 0; j <= i; ++j) x[i] += factor_[i * n_ + j] * z[j];
        }
        return x;
    }

    [[nodiscard]] double log_density(std::span<double const> x) const {
        constexpr double log_two_pi = 1.8378770664093453;
        std::vector<double> z(n_);
        double sum = 0;
        for (std::size_t i = 0; i < n_; ++i) {
            double rest = x[i] - mean_[i];
            for (std::size_t j = 0; j < i; ++j) rest -= factor_[i * n_ + j] * z[j];
            z[i] = rest / factor_[i * n_ + i];
            sum += -0.5 * z[i] * z[i] - std::log(factor_[i * n_ + i]) - 0.5 * log_two_pi;
        }
        return sum;
    }

  private:
    void decompose() {
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                double sum = factor_[i * n_ + j];
                for (std::size_t k = 0; k < j; ++k) sum -= factor_[i * n_ + k] * factor_[j * n_ + k];
                factor_[i * n_ + j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / factor_[j * n_ + j];
            }
        }
    }

    std::size_t n_;
    std::vector<double> mean_;
    std::vector<double> factor_;  ///< lower triangle, row by row
};

/// The iterative estimate from log ratios density / normal at draws of the one and of the other; NaN or
/// infinite where the draws of the one lie where the other has no density.
double bridge(std::vector<double> const& at_posterior, std::vector<double> const& at_normal) {
    double const share = static_cast<double>(at_posterior.size()) /
                         static_cast<double>(at_posterior.size() + at_normal.size());
    double estimate = at_posterior[at_posterior.size() / 2];
    if (!std::isfinite(estimate)) estimate = *std::max_element(at_posterior.begin(), at_posterior.end());
    std::vector<double> above(at_normal.size());
    std::vector<double> below(at_posterior.size());
    for (int round = 0; round < 1000; ++round) {
        auto const mixed = [&](double ratio) {  // log(share * ratio / estimate + 1 - share)
            double const x = std::log(share) + ratio - estimate;
            double const y = std::log1p(-share);
            return std::max(x, y) + std::log1p(std::exp(-std::abs(x - y)));
        };
        for (std::size_t i = 0; i < above.size(); ++i) above[i] = at_normal[i] - mixed(at_normal[i]);
        for (std::size_t i = 0; i < below.size(); ++i) below[i] = -mixed(at_posterior[i]);
        double const next = log_sum_exp(above) - std::log(static_cast<double>(above.size())) -
                            (log_sum_exp(below) - std::log(static_cast<double>(below.size())));
        bool const settled = std::abs(next - estimate) < 1e-6;
        estimate = next;
        if (settled) break;
    }
    return estimate;
}

}  // namespace

CollapsedDensity::CollapsedDensity(Problem const& problem, Likelihood& likelihood)
    : problem_(problem),
      likelihood_(likelihood),
      n_moving_(problem.causes == CausePrior::batch ? problem.n_populations : 0),
      n_(n_moving_ * (problem.n_causes + 1) + problem.n_levels),
      log_csmf_(problem.n_populations * problem.n_causes),
      csmf_(log_csmf_.size()),
      expected_(log_csmf_.size()) {}

std::vector<double> CollapsedDensity::coordinates(State const& state) const {
    std::vector<double> x;
    x.reserve(n_);
    for (std::size_t g = 0; g < n_moving_; ++g) {
        auto const theta = state.theta.begin() + static_cast<std::ptrdiff_t>(g * problem_.n_causes);
        x.insert(x.end(), theta + 1, theta + static_cast<std::ptrdiff_t>(problem_.n_causes));
        x.push_back(state.mu[g]);
        x.push_back(std::log(state.sigma2[g]));
    }
    double upper = highest_probability;
    for (double const v : state.levels) {
        double const share =
            std::clamp((v - lowest_probability) / (upper - lowest_probability), least_gap, 1 - least_gap);
        x.push_back(std::log(share / (1 - share)));
        upper = std::max(v, lowest_probability + least_gap);
    }
    return x;
}

State CollapsedDensity::state(std::span<double const> x) const {
    VASTER_EXPECTS(x.size() == n_);
    State state;
    std::size_t at = 0;
    if (n_moving_ == 0) state.theta.assign(problem_.n_populations * problem_.n_causes, 0.0);
    for (std::size_t g = 0; g < n_moving_; ++g) {
        state.theta.push_back(1);
        for (std::size_t c = 1; c < problem_.n_causes; ++c) state.theta.push_back(x[at++]);
        state.mu.push_back(x[at++]);
        state.sigma2.push_back(std::exp(x[at++]));
    }
    double upper = highest_probability;
    for (std::size_t l = 0; l < problem_.n_levels; ++l) {
        state.levels.push_back(lowest_probability + (upper - lowest_probability) * logistic(x[at++]));
        upper = std::max(state.levels.back(), lowest_probability + least_gap);
    }
    return state;
}

double CollapsedDensity::log_density(std::span<double const> x) {
    if (!std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); }))
        return -std::numeric_limits<double>::infinity();
    State const s = state(x);
    cause_fractions(problem_, s.theta, log_csmf_, csmf_);
    likelihood_.set_levels(s.levels);
    double sum = likelihood_.marginal(log_csmf_, expected_);
    for (std::size_t g = 0; g < n_moving_; ++g) {
        double const log_sigma2 = std::log(s.sigma2[g]);
        sum += 0.5 * log_sigma2;  // prior -1/2, Jacobian 1
        for (std::size_t c = 0; c < problem_.n_causes; ++c) {
            double const off = s.theta[g * problem_.n_causes + c] - s.mu[g];
            sum -= 0.5 * (log_sigma2 + off * off / s.sigma2[g]);
        }
    }
    double upper = highest_probability;
    for (std::size_t l = 0; l < problem_.n_levels; ++l) {
        double const v = s.levels[l];
        double const a = problem_.prior_present[l];
        sum += (a - 1) * std::log(v) + (problem_.prior_total - a - 1) * std::log1p(-v);
        double const share = logistic(x[n_ - problem_.n_levels + l]);
        sum += std::log(upper - lowest_probability) + std::log(share * (1 - share));
        upper = std::max(v, lowest_probability + least_gap);
    }
    return std::isnan(sum) ? -std::numeric_limits<double>::infinity() : sum;
}

double log_evidence(CollapsedDensity& density, std::span<double const> draws, Random& random,
                    Watcher& watcher) {
    std::size_t const n = density.n_coordinates();
    std::size_t const n_fit = draws.size() / n / 2;
    VASTER_EXPECTS(n_fit >= 2);
    Normal const normal(draws.first(n_fit * n), n);
    std::vector<double> at_posterior;
    std::vector<double> at_normal;
    for (std::size_t k = n_fit; k < draws.size() / n; ++k) {
        if (watcher.stop_requested()) throw Cancelled{};
        auto const x = draws.subspan(k * n, n);
        at_posterior.push_back(density.log_density(x) - normal.log_density(x));
        auto const y = normal.draw(random);
        at_normal.push_back(density.log_density(y) - normal.log_density(y));
    }
    double const estimate = bridge(at_posterior, at_normal);
    return std::isfinite(estimate) ? estimate : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace vaster::models::insilicova
