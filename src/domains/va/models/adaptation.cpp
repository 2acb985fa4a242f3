#include "domains/va/models/adaptation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "domains/va/models/sparse_answers.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

constexpr double least_theta = 1e-4;
constexpr double least_probability = 1e-9;
constexpr double deaths_of_source = 2;  ///< that m_s counts for in t_s

double rate_of(double present, double answered) {
    return (present + 0.5) / (answered + 1);
}

/// The answers that deaths have given: is it present?
using GivenAnswers = SparseAnswers<bool>;

GivenAnswers given_answers(Deaths const& deaths) {
    return {deaths, [](std::uint32_t, va::Answer answer) {
                return answer == va::Answer::missing ? std::nullopt
                                                     : std::make_optional(answer == va::Answer::present);
            }};
}

/// EM on one batch.
class Batch {
  public:
    Batch(AdaptationOptions const& options, std::span<double const> rates, Deaths const& deaths,
          std::span<double const> probability, std::size_t n_causes)
        : options_(options),
          answers_(given_answers(deaths)),
          n_causes_(n_causes),
          target_(rates.begin(), rates.end()),
          logs_(probability.size()),
          probability_(probability.begin(), probability.end()),
          occurs_(n_causes, false) {
        set_target_rates();
        for (std::size_t j = 0; j < probability.size(); ++j) {
            double const p = probability[j];
            logs_[j] = p > 0 ? options_.power * std::log(std::max(p, least_probability))
                             : -std::numeric_limits<double>::infinity();
            if (p > 0) occurs_[j % n_causes] = true;
        }
    }

    /// @returns J with the theta of this step
    double step() {
        maximise();
        return expect() + penalty();
    }

    /// P, at the temperature that is wanted.
    [[nodiscard]] std::vector<double> take() {
        if (options_.temperature != 1)
            for (std::size_t i = 0; i < answers_.size(); ++i) cool(i);
        return std::move(probability_);
    }

  private:
    void set_target_rates() {
        std::vector<double> present(target_.size(), 0.0);
        std::vector<double> answered(target_.size(), 0.0);
        for (std::size_t i = 0; i < answers_.size(); ++i)
            for (auto const& [symptom, is_present] : answers_.of(i)) {
                answered[symptom] += 1;
                if (is_present) present[symptom] += 1;
            }
        for (std::size_t s = 0; s < target_.size(); ++s)
            target_[s] = (present[s] + deaths_of_source * target_[s]) / (answered[s] + deaths_of_source);
    }

    void maximise() {
        std::size_t const n = target_.size() * n_causes_;
        std::vector<double> present(n, 0.0);
        std::vector<double> answered(n, 0.0);
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            double const* const p = probability_.data() + i * n_causes_;
            for (auto const& [symptom, is_present] : answers_.of(i)) {
                add(answered, symptom, p);
                if (is_present) add(present, symptom, p);
            }
        }
        log_theta_.resize(n);
        log_other_.resize(n);
        for (std::size_t s = 0; s < target_.size(); ++s)
            for (std::size_t j = s * n_causes_; j < (s + 1) * n_causes_; ++j) {
                double const theta =
                    std::clamp((present[j] + options_.prior * target_[s]) / (answered[j] + options_.prior),
                               least_theta, 1 - least_theta);
                log_theta_[j] = std::log(theta);
                log_other_[j] = std::log1p(-theta);
            }
    }

    void add(std::vector<double>& to, std::uint32_t symptom, double const* p) const {
        double* const row = to.data() + symptom * n_causes_;
        for (std::size_t c = 0; c < n_causes_; ++c) row[c] += p[c];
    }

    /// @returns sum_i ln sum_c P0^w exp(...)
    double expect() {
        double sum_of_logs = 0;
        std::vector<double> terms(n_causes_);
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            std::fill(terms.begin(), terms.end(), 0.0);
            for (auto const& [symptom, is_present] : answers_.of(i)) {
                double const* const row = (is_present ? log_theta_ : log_other_).data() + symptom * n_causes_;
                for (std::size_t c = 0; c < n_causes_; ++c) terms[c] += row[c];
            }
            sum_of_logs += normalise(i, terms);
        }
        return sum_of_logs;
    }

    /// Writes P of death i. @returns the logarithm of what it was divided by
    double normalise(std::size_t i, std::vector<double>& terms) {
        for (std::size_t c = 0; c < n_causes_; ++c)
            terms[c] = logs_[i * n_causes_ + c] + options_.weight * terms[c];
        double const largest = *std::max_element(terms.begin(), terms.end());
        double sum = 0;
        for (double& term : terms) sum += term = std::exp(term - largest);
        for (std::size_t c = 0; c < n_causes_; ++c) probability_[i * n_causes_ + c] = terms[c] / sum;
        return std::log(sum) + largest;
    }

    /// P of death i to the power 1 / T.
    void cool(std::size_t i) {
        auto const row = std::span(probability_).subspan(i * n_causes_, n_causes_);
        double const largest = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (double& p : row) {
            p = std::pow(p / largest, 1 / options_.temperature);
            sum += p;
        }
        for (double& p : row) p /= sum;
    }

    [[nodiscard]] double penalty() const {
        double sum = 0;
        for (std::size_t s = 0; s < target_.size(); ++s)
            for (std::size_t c = 0; c < n_causes_; ++c)
                if (occurs_[c])
                    sum += target_[s] * log_theta_[s * n_causes_ + c] +
                           (1 - target_[s]) * log_other_[s * n_causes_ + c];
        return options_.weight * options_.prior * sum;
    }

    AdaptationOptions const& options_;
    GivenAnswers answers_;
    std::size_t n_causes_;
    std::vector<double> target_;       ///< t_s, [n_symptoms]
    std::vector<double> logs_;         ///< w ln P0, [n_deaths][n_causes]
    std::vector<double> probability_;  ///< P, [n_deaths][n_causes]
    std::vector<bool> occurs_;         ///< has the cause some probability anywhere? [n_causes]
    std::vector<double> log_theta_;    ///< [n_symptoms][n_causes]
    std::vector<double> log_other_;    ///< ln(1 - theta)
};

}  // namespace

std::vector<double> source_rates(Deaths const& training) {
    std::vector<std::uint64_t> present(training.answers.n_columns(), 0);
    std::vector<std::uint64_t> missing = present;
    for (std::uint32_t const row : training.rows) {
        auto const answers = training.answers.row(row);
        for (std::size_t s = 0; s < answers.size(); ++s) {
            if (answers[s] == va::Answer::present) ++present[s];
            if (answers[s] == va::Answer::missing) ++missing[s];
        }
    }
    return source_rates(present, missing, training.rows.size());
}

std::vector<double> source_rates(std::span<std::uint64_t const> present,
                                 std::span<std::uint64_t const> missing, std::uint64_t n_deaths) {
    VASTER_EXPECTS(present.size() == missing.size());
    std::vector<double> rates;
    rates.reserve(present.size());
    for (std::size_t s = 0; s < present.size(); ++s)
        rates.push_back(rate_of(static_cast<double>(present[s]), static_cast<double>(n_deaths - missing[s])));
    return rates;
}

std::vector<double> Adapter::adapted(Deaths const& deaths, std::span<double const> probability,
                                     std::size_t n_causes, Watcher& watcher,
                                     std::function<void(double)> const& on_step) const {
    VASTER_EXPECTS(rates_.size() == deaths.answers.n_columns());
    VASTER_EXPECTS(probability.size() == deaths.rows.size() * n_causes);
    Batch batch(options_, rates_, deaths, probability, n_causes);
    for (std::size_t step = 0; step < options_.steps; ++step) {
        if (watcher.stop_requested()) throw Cancelled{};
        double const objective = batch.step();
        if (on_step) on_step(objective);
    }
    return batch.take();
}

}  // namespace vaster::models
