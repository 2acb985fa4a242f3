#include "domains/va/models/lcva/posterior.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/stats/samplers.hpp"
#include "domains/va/models/lcva/sign_list.hpp"

namespace vaster::models::nested {

namespace {

/// ln of the rising factorial a (a + 1) ... (a + n - 1), worked out once for every n. It is what std::lgamma
/// gives, but the same on every machine.
class LogRising {
  public:
    explicit LogRising(double a) : a_(a) {}

    [[nodiscard]] double of(std::uint32_t n) {
        while (logs_.size() <= n)
            logs_.push_back(logs_.back() + std::log(a_ + static_cast<double>(logs_.size() - 1)));
        return logs_[n];
    }

  private:
    double a_;
    std::vector<double> logs_ = {0.0};
};

/// ln of the probability of n1 deaths with a sign and n0 without, in one order, where its share is
/// Beta(v m, v (1 - m)).
class OwnShares {
  public:
    OwnShares(double strength, double mean)
        : present_(strength * mean), absent_(strength * (1 - mean)), all_(strength) {}

    [[nodiscard]] double log_probability(std::uint32_t n1, std::uint32_t n0) {
        return present_.of(n1) + absent_.of(n0) - all_.of(n1 + n0);
    }

  private:
    LogRising present_;
    LogRising absent_;
    LogRising all_;
};

double clipped(double p) {
    return std::clamp(p, static_cast<double>(least_theta), 1 - static_cast<double>(least_theta));
}

/// A place among weights, in proportion to them.
std::size_t draw_place(std::span<double const> weights, double total, Random& random) {
    double left = random.uniform() * total;
    for (std::size_t k = 0; k + 1 < weights.size(); ++k) {
        left -= weights[k];
        if (left < 0) return k;
    }
    return weights.size() - 1;
}

/// How many tables n customers of a restaurant take, where a new one is taken with weight `concentration`.
std::uint32_t draw_tables(std::uint32_t n, double concentration, Random& random) {
    std::uint32_t tables = 0;
    for (std::uint32_t i = 0; i < n; ++i)
        if (random.uniform() * (concentration + i) < concentration) ++tables;
    return tables;
}

class Chain {
  public:
    Chain(Training const& training, SignList const& signs, Settings const& settings, Random random)
        : training_(training),
          signs_(signs),
          settings_(settings),
          random_(random),
          n_deaths_(training.present.class_of.size()),
          n_causes_(training.present.size()),
          n_signs_(training.signs.answers.n_columns()),
          class_of_(n_deaths_),
          theta_(n_causes_ * settings.n_classes * n_signs_),
          tau_(n_causes_, 0.5),
          shared_(n_causes_ * settings.n_classes, 1.0 / static_cast<double>(settings.n_classes)),
          by_site_(training.n_sites * n_causes_ * settings.n_classes,
                   1.0 / static_cast<double>(settings.n_classes)) {
        for (auto& k : class_of_) k = static_cast<std::uint32_t>(random_.below(settings.n_classes));
        gamma_ = overall_shares();
        count();
        draw_probabilities();
        draw_mixtures();
    }

    void sweep() {
        draw_classes();
        count();
        draw_probabilities();
        draw_mixtures();
    }

    void write(Draws& draws, std::size_t place) const {
        auto const at = [place](auto const& values) {
            return static_cast<std::ptrdiff_t>(place * values.size());
        };
        std::transform(theta_.begin(), theta_.end(), draws.theta.begin() + at(theta_),
                       [](double p) { return static_cast<float>(p); });
        auto const per_draw = shared_.size() + by_site_.size();
        auto const to = draws.mixtures.begin() + static_cast<std::ptrdiff_t>(place * per_draw);
        std::copy(by_site_.begin(), by_site_.end(), std::copy(shared_.begin(), shared_.end(), to));
    }

  private:
    [[nodiscard]] std::size_t n_classes() const { return settings_.n_classes; }

    /// m_s for every cause: with half a death of each answer, so that none is 0 or 1.
    [[nodiscard]] std::vector<double> overall_shares() {
        std::vector<double> present(n_signs_, 0.5);
        std::vector<double> answered(n_signs_, 1.0 + static_cast<double>(n_deaths_));
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            for (auto const s : signs_.present(i)) present[s] += 1;
            for (auto const s : signs_.missing(i)) answered[s] -= 1;
        }
        overall_.resize(n_signs_);
        own_shares_.reserve(n_signs_);
        for (std::size_t s = 0; s < n_signs_; ++s) {
            overall_[s] = present[s] / answered[s];
            own_shares_.emplace_back(settings_.class_strength, overall_[s]);
        }
        std::vector<double> all;
        all.reserve(n_causes_ * n_signs_);
        for (std::size_t c = 0; c < n_causes_; ++c) all.insert(all.end(), overall_.begin(), overall_.end());
        return all;
    }

    void count() {
        std::size_t const n_cells = theta_.size();
        present_.assign(n_cells, 0);
        missing_.assign(n_cells, 0);
        deaths_.assign(n_causes_ * n_classes(), 0);
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            std::size_t const row = training_.present.class_of[i] * n_classes() + class_of_[i];
            ++deaths_[row];
            for (auto const s : signs_.present(i)) ++present_[row * n_signs_ + s];
            for (auto const s : signs_.missing(i)) ++missing_[row * n_signs_ + s];
        }
    }

    void draw_classes() {
        std::vector<double> log_odds(theta_.size());
        std::vector<double> log_absent(theta_.size());
        std::vector<double> base(n_causes_ * n_classes(), 0.0);
        for (std::size_t row = 0; row < base.size(); ++row)
            for (std::size_t s = 0; s < n_signs_; ++s) {
                double const p = theta_[row * n_signs_ + s];
                double const absent = std::log(1 - p);
                log_absent[row * n_signs_ + s] = absent;
                log_odds[row * n_signs_ + s] = std::log(p) - absent;
                base[row] += absent;
            }
        std::vector<double> weights(n_classes());
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            std::size_t const first = training_.present.class_of[i] * n_classes();
            double const* const shares =
                by_site_.data() + training_.sites[i] * n_causes_ * n_classes() + first;
            for (std::size_t k = 0; k < n_classes(); ++k) {
                double const* const odds = log_odds.data() + (first + k) * n_signs_;
                double const* const absent = log_absent.data() + (first + k) * n_signs_;
                double sum = base[first + k];
                for (auto const s : signs_.present(i)) sum += odds[s];
                for (auto const s : signs_.missing(i)) sum -= absent[s];
                weights[k] = sum + std::log(std::max(shares[k], 1e-300));
            }
            double const largest = *std::max_element(weights.begin(), weights.end());
            double total = 0;
            for (double& weight : weights) total += weight = std::exp(weight - largest);
            class_of_[i] = static_cast<std::uint32_t>(draw_place(weights, total, random_));
        }
    }

    /// Whose theta is whose, phi, gamma and tau, a cause after the other.
    void draw_probabilities() {
        for (std::size_t c = 0; c < n_causes_; ++c) {
            std::size_t n_own = 0;
            double const log_odds_of_own = std::log(tau_[c]) - std::log(1 - tau_[c]);
            for (std::size_t s = 0; s < n_signs_; ++s) n_own += draw_sign(c, s, log_odds_of_own);
            std::size_t const n_all = n_classes() * n_signs_;
            tau_[c] = clipped(stats::sample_beta(random_, 1 + static_cast<double>(n_own),
                                                 1 + static_cast<double>(n_all - n_own)));
        }
    }

    /// Of one sign in all classes of a cause. @return in how many theta is the class's own
    std::size_t draw_sign(std::size_t cause, std::size_t sign, double log_odds_of_own) {
        double& gamma = gamma_[cause * n_signs_ + sign];
        double const log_gamma = std::log(gamma);
        double const log_rest = std::log(1 - gamma);
        double pooled_present = settings_.base_strength * overall_[sign];
        double pooled_absent = settings_.base_strength * (1 - overall_[sign]);
        own_.clear();
        for (std::size_t k = 0; k < n_classes(); ++k) {
            std::size_t const row = cause * n_classes() + k;
            std::uint32_t const n1 = present_[row * n_signs_ + sign];
            std::uint32_t const n0 = deaths_[row] - missing_[row * n_signs_ + sign] - n1;
            double const log_odds =
                log_odds_of_own + own_shares_[sign].log_probability(n1, n0) - n1 * log_gamma - n0 * log_rest;
            if (random_.uniform() * (1 + std::exp(-log_odds)) < 1) {
                own_.push_back(k);
                theta_[row * n_signs_ + sign] =
                    clipped(stats::sample_beta(random_, settings_.class_strength * overall_[sign] + n1,
                                               settings_.class_strength * (1 - overall_[sign]) + n0));
            } else {
                pooled_present += n1;
                pooled_absent += n0;
            }
        }
        gamma = clipped(stats::sample_beta(random_, pooled_present, pooled_absent));
        auto next_own = own_.begin();
        for (std::size_t k = 0; k < n_classes(); ++k) {
            if (next_own != own_.end() && *next_own == k)
                ++next_own;
            else
                theta_[(cause * n_classes() + k) * n_signs_ + sign] = gamma;
        }
        return own_.size();
    }

    void draw_mixtures() {
        std::size_t const n_rows = n_causes_ * n_classes();
        std::vector<std::uint32_t> counts(training_.n_sites * n_rows, 0);
        for (std::size_t i = 0; i < n_deaths_; ++i)
            ++counts[training_.sites[i] * n_rows + training_.present.class_of[i] * n_classes() +
                     class_of_[i]];
        std::vector<double> concentration(n_classes());
        for (std::size_t c = 0; c < n_causes_; ++c) {
            std::span<double> const shared(shared_.data() + c * n_classes(), n_classes());
            for (std::size_t k = 0; k < n_classes(); ++k) {
                double tables = 0;
                for (std::size_t g = 0; g < training_.n_sites; ++g)
                    tables += draw_tables(counts[g * n_rows + c * n_classes() + k],
                                          settings_.site_concentration * shared[k], random_);
                concentration[k] = settings_.class_concentration / static_cast<double>(n_classes()) + tables;
            }
            stats::sample_dirichlet(random_, concentration, shared);
            for (std::size_t g = 0; g < training_.n_sites; ++g) {
                std::size_t const first = g * n_rows + c * n_classes();
                for (std::size_t k = 0; k < n_classes(); ++k)
                    concentration[k] = std::max(settings_.site_concentration * shared[k] + counts[first + k],
                                                least_concentration);
                stats::sample_dirichlet(random_, concentration,
                                        std::span<double>(by_site_).subspan(first, n_classes()));
            }
        }
    }

    static constexpr double least_concentration = 1e-3;  ///< of a share that is 0 in all but name

    Training const& training_;
    SignList const& signs_;
    Settings settings_;
    Random random_;
    std::size_t n_deaths_;
    std::size_t n_causes_;
    std::size_t n_signs_;
    std::vector<std::uint32_t> class_of_;  ///< [n_deaths]
    std::vector<double> overall_;          ///< m_s, [n_signs]
    std::vector<OwnShares> own_shares_;    ///< [n_signs]
    std::vector<double> theta_;            ///< [n_causes][n_classes][n_signs]
    std::vector<double> gamma_;            ///< [n_causes][n_signs]
    std::vector<double> tau_;              ///< [n_causes]
    std::vector<double> shared_;           ///< lambda_c, [n_causes][n_classes]
    std::vector<double> by_site_;          ///< lambda_gc, [n_sites][n_causes][n_classes]
    std::vector<std::uint32_t> present_;   ///< deaths with the sign, as theta_
    std::vector<std::uint32_t> missing_;   ///< without an answer to it, as theta_
    std::vector<std::uint32_t> deaths_;    ///< [n_causes][n_classes]
    std::vector<std::size_t> own_;         ///< classes whose theta of the sign in hand is their own
};

}  // namespace

Draws sample_posterior(Training const& training, Settings const& settings, Random random, Watcher& watcher) {
    Draws draws;
    draws.n_draws = settings.n_draws;
    draws.n_sites = training.n_sites;
    draws.n_causes = training.present.size();
    draws.n_classes = settings.n_classes;
    draws.n_signs = training.signs.answers.n_columns();
    draws.theta.resize(draws.n_draws * draws.n_causes * draws.n_classes * draws.n_signs);
    draws.mixtures.resize(draws.n_draws * (1 + draws.n_sites) * draws.n_causes * draws.n_classes);
    SignList const signs(training.signs.deaths());
    std::size_t const of_chain = settings.n_draws / settings.n_chains;
    std::size_t const n_sweeps = settings.burn_in + of_chain * settings.thinning;
    for (std::size_t chain = 0; chain < settings.n_chains; ++chain) {
        Chain state(training, signs, settings, Random(random()));
        for (std::size_t sweep = 0; sweep < n_sweeps; ++sweep) {
            if (watcher.stop_requested()) throw Cancelled{};
            state.sweep();
            std::size_t const done = sweep + 1;
            if (done > settings.burn_in && (done - settings.burn_in) % settings.thinning == 0)
                state.write(draws, chain * of_chain + (done - settings.burn_in) / settings.thinning - 1);
            watcher.on_progress(static_cast<double>(chain * n_sweeps + done) /
                                static_cast<double>(settings.n_chains * n_sweeps));
        }
    }
    return draws;
}

}  // namespace vaster::models::nested
