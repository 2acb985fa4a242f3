#include "domains/va/models/lcva/batch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stats/samplers.hpp"
#include "domains/va/models/lcva/sign_list.hpp"
#include "domains/va/models/probabilities.hpp"

namespace vaster::models::nested {

namespace {

constexpr std::size_t sweeps_of_a_draw = 10;

/// ln P(signs of a death | cause, class) by one draw.
class Likelihoods {
  public:
    Likelihoods(Draws const& draws, std::size_t draw)
        : n_rows_(draws.n_causes * draws.n_classes),
          base_(n_rows_, 0.0),
          odds_(draws.n_signs * n_rows_),
          absent_(draws.n_signs * n_rows_) {
        auto const theta = draws.theta_of(draw);
        for (std::size_t row = 0; row < n_rows_; ++row)
            for (std::size_t s = 0; s < draws.n_signs; ++s) {
                auto const p = static_cast<double>(theta[row * draws.n_signs + s]);
                double const absent = std::log(1 - p);
                base_[row] += absent;
                absent_[s * n_rows_ + row] = absent;
                odds_[s * n_rows_ + row] = std::log(p) - absent;
            }
    }

    /// Of every cause and class, [n_causes][n_classes].
    void of(SignList const& signs, std::size_t death, std::span<double> logs) const {
        std::copy(base_.begin(), base_.end(), logs.begin());
        for (auto const s : signs.present(death)) {
            double const* const odds = odds_.data() + s * n_rows_;
            for (std::size_t row = 0; row < n_rows_; ++row) logs[row] += odds[row];
        }
        for (auto const s : signs.missing(death)) {
            double const* const absent = absent_.data() + s * n_rows_;
            for (std::size_t row = 0; row < n_rows_; ++row) logs[row] -= absent[row];
        }
    }

  private:
    std::size_t n_rows_;
    std::vector<double> base_;
    std::vector<double> odds_;    ///< [n_signs][n_causes][n_classes]
    std::vector<double> absent_;  ///< the same
};

/// Deaths of one place, coded by one draw after the other.
class Batch {
  public:
    Batch(Draws const& draws, Target const& target, Signs const& signs, Random random)
        : draws_(draws),
          target_(target),
          signs_(signs.deaths()),
          n_deaths_(signs.rows.size()),
          n_places_(target.shares == ClassShares::sites ? draws.n_sites : 1),
          random_(random),
          pi_(first_fractions()),
          eta_(n_places_, 1 / static_cast<double>(n_places_)),
          fit_(n_deaths_ * draws.n_causes * n_places_) {
        coded_.probability.assign(n_deaths_ * draws.n_causes, 0.0);
    }

    void add(std::size_t draw, Watcher& watcher) {
        fit_to(draw, watcher);
        if (!target_.looks_at_batch()) {
            code_deaths(1);
            return;
        }
        for (std::size_t sweep = 0; sweep < sweeps_of_a_draw; ++sweep) {
            if (watcher.stop_requested()) throw Cancelled{};
            bool const counts = sweep >= sweeps_of_a_draw / 2;
            code_deaths(counts ? 2.0 / sweeps_of_a_draw : 0.0);
            draw_weights();
        }
        if (target_.causes == CauseFractions::batch)
            coded_.fractions.insert(coded_.fractions.end(), pi_.begin(), pi_.end());
        if (target_.shares == ClassShares::sites)
            coded_.site_weights.insert(coded_.site_weights.end(), eta_.begin(), eta_.end());
    }

    [[nodiscard]] Coded finish() && {
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            std::span<double> const row(coded_.probability.data() + i * draws_.n_causes, draws_.n_causes);
            double sum = 0;
            for (double const p : row) sum += p;
            for (double& p : row) p /= sum;
        }
        return std::move(coded_);
    }

  private:
    [[nodiscard]] std::vector<double> first_fractions() const {
        std::vector<double> fractions(draws_.n_causes, 1.0);
        if (target_.causes != CauseFractions::uniform)
            fractions.assign(target_.deaths.begin(), target_.deaths.end());
        double sum = 0;
        for (double const f : fractions) sum += f;
        for (double& f : fractions) f /= sum;
        return fractions;
    }

    /// P(signs | cause, place) of every death, but for a factor that is the same for all of a death.
    void fit_to(std::size_t draw, Watcher& watcher) {
        Likelihoods const likelihoods(draws_, draw);
        std::size_t const n_rows = draws_.n_causes * draws_.n_classes;
        std::vector<double> logs(n_rows);
        bool const by_site = target_.shares == ClassShares::sites;
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            if (i % 256 == 0 && watcher.stop_requested()) throw Cancelled{};
            likelihoods.of(signs_, i, logs);
            double const largest = *std::max_element(logs.begin(), logs.end());
            for (double& log : logs) log = std::exp(log - largest);
            for (std::size_t place = 0; place < n_places_; ++place) {
                auto const shares = draws_.mixture_of(draw, by_site ? 1 + place : 0);
                for (std::size_t c = 0; c < draws_.n_causes; ++c) {
                    double sum = 0;
                    for (std::size_t k = 0; k < draws_.n_classes; ++k)
                        sum += shares[c * draws_.n_classes + k] * logs[c * draws_.n_classes + k];
                    fit_[(i * draws_.n_causes + c) * n_places_ + place] =
                        std::max(sum, std::numeric_limits<double>::min());
                }
            }
        }
    }

    /// Adds to the probabilities, with this weight, and draws cause and place of every death.
    void code_deaths(double weight) {
        deaths_of_cause_.assign(draws_.n_causes, 0.0);
        deaths_of_place_.assign(n_places_, 0.0);
        std::vector<double> weights(draws_.n_causes * n_places_);
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            double total = 0;
            for (std::size_t j = 0; j < weights.size(); ++j)
                total += weights[j] = pi_[j / n_places_] * eta_[j % n_places_] * fit_[i * weights.size() + j];
            double* const row = coded_.probability.data() + i * draws_.n_causes;
            if (weight > 0)
                for (std::size_t j = 0; j < weights.size(); ++j)
                    row[j / n_places_] += weight * weights[j] / total;
            if (!target_.looks_at_batch()) continue;
            double left = random_.uniform() * total;
            std::size_t drawn = 0;
            while (drawn + 1 < weights.size() && (left -= weights[drawn]) >= 0) ++drawn;
            deaths_of_cause_[drawn / n_places_] += 1;
            deaths_of_place_[drawn % n_places_] += 1;
        }
    }

    void draw_weights() {
        if (target_.causes == CauseFractions::batch) {
            for (std::size_t c = 0; c < draws_.n_causes; ++c)
                deaths_of_cause_[c] += target_.cause_weight * target_.deaths[c];
            stats::sample_dirichlet(random_, deaths_of_cause_, pi_);
        }
        if (target_.shares == ClassShares::sites) {
            for (double& n : deaths_of_place_) n += target_.site_concentration;
            stats::sample_dirichlet(random_, deaths_of_place_, eta_);
        }
    }

    Draws const& draws_;
    Target const& target_;
    SignList signs_;
    std::size_t n_deaths_;
    std::size_t n_places_;
    Random random_;
    std::vector<double> pi_;
    std::vector<double> eta_;
    std::vector<double> fit_;  ///< [n_deaths][n_causes][n_places]
    std::vector<double> deaths_of_cause_;
    std::vector<double> deaths_of_place_;
    Coded coded_;
};

}  // namespace

Coded code(Draws const& draws, Target const& target, Signs const& signs, Random random, Watcher& watcher) {
    Batch batch(draws, target, signs, random);
    for (std::size_t draw = 0; draw < draws.n_draws; ++draw) batch.add(draw, watcher);
    return std::move(batch).finish();
}

}  // namespace vaster::models::nested
