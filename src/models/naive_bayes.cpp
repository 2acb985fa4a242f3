#include "vaster/models/naive_bayes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "vaster/models/features.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

constexpr std::size_t n_answers = 3;

constexpr std::size_t position(table::Answer answer) {
    return static_cast<std::size_t>(answer);
}

/// A number for each (symptom, answer, class).
class AnswerTable {
  public:
    AnswerTable() = default;

    AnswerTable(std::size_t n_symptoms, std::size_t n_classes)
        : n_classes_(n_classes), cells_(n_symptoms * n_answers * n_classes) {}

    [[nodiscard]] std::size_t n_symptoms() const { return cells_.size() / (n_answers * n_classes_); }

    [[nodiscard]] std::size_t n_classes() const { return n_classes_; }

    /// Of every class, [n_classes].
    [[nodiscard]] double* of(std::size_t symptom, table::Answer answer) {
        return cells_.data() + (symptom * n_answers + position(answer)) * n_classes_;
    }

    [[nodiscard]] double const* of(std::size_t symptom, table::Answer answer) const {
        return cells_.data() + (symptom * n_answers + position(answer)) * n_classes_;
    }

  private:
    std::size_t n_classes_ = 1;
    std::vector<double> cells_;
};

AnswerTable count_answers(Deaths const& deaths, PresentCauses const& present) {
    AnswerTable counts(deaths.answers.n_columns(), present.size());
    for (std::size_t i = 0; i < deaths.rows.size(); ++i) {
        auto const answers = deaths.answers.row(deaths.rows[i]);
        for (std::size_t s = 0; s < answers.size(); ++s) counts.of(s, answers[s])[present.class_of[i]] += 1;
    }
    return counts;
}

/// ln P(answer | class) from the three counts of one symptom and class.
std::array<double, n_answers> log_likelihoods(std::array<double, n_answers> count, double alpha,
                                              MissingPolicy policy) {
    using table::Answer;
    double& absent = count[position(Answer::absent)];
    double const present = count[position(Answer::present)];
    double const missing = count[position(Answer::missing)];
    if (policy == MissingPolicy::ordinal) {
        double const log_total = std::log(absent + present + missing + 3 * alpha);
        return {std::log(absent + alpha) - log_total, std::log(present + alpha) - log_total,
                std::log(missing + alpha) - log_total};
    }
    if (policy == MissingPolicy::absent) absent += missing;
    double const log_total = std::log(absent + present + 2 * alpha);
    double const of_absent = std::log(absent + alpha) - log_total;
    return {of_absent, std::log(present + alpha) - log_total,
            policy == MissingPolicy::absent ? of_absent : 0.0};
}

/// Turns unnormalised log probabilities into probabilities that sum to 1.
void normalise(std::vector<double>& log_weights) {
    double const largest = *std::max_element(log_weights.begin(), log_weights.end());
    double sum = 0;
    for (double& weight : log_weights) sum += weight = std::exp(weight - largest);
    for (double& weight : log_weights) weight /= sum;
}

class NaiveBayes : public Classifier {
  public:
    NaiveBayes(double alpha, MissingPolicy policy) : alpha_(alpha), policy_(policy) {}

    void fit(TrainingSet const& training, Random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        log_prior_.clear();
        for (std::size_t const count : present.counts)
            log_prior_.push_back(
                std::log(static_cast<double>(count) / static_cast<double>(present.class_of.size())));
        learn(count_answers(training.deaths, present));
        watcher.on_progress(1);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty() && test.deaths.answers.n_columns() == log_likelihood_.n_symptoms());
        auto const [answers, rows] = test.deaths;
        Prediction prediction{rows.size(), n_causes_, std::vector<double>(rows.size() * n_causes_), {}};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            std::vector<double> const posterior = posterior_of(answers.row(rows[i]));
            for (std::size_t k = 0; k < causes_.size(); ++k)
                prediction.probability[i * n_causes_ + causes_[k]] = posterior[k];
        }
        return prediction;
    }

  private:
    /// Fills log_likelihood_ from the counts.
    void learn(AnswerTable const& counts) {
        using table::Answer;
        log_likelihood_ = AnswerTable(counts.n_symptoms(), counts.n_classes());
        for (std::size_t s = 0; s < counts.n_symptoms(); ++s)
            for (std::size_t k = 0; k < counts.n_classes(); ++k) {
                auto const logs =
                    log_likelihoods({counts.of(s, Answer::absent)[k], counts.of(s, Answer::present)[k],
                                     counts.of(s, Answer::missing)[k]},
                                    alpha_, policy_);
                for (auto const answer : {Answer::absent, Answer::present, Answer::missing})
                    log_likelihood_.of(s, answer)[k] = logs[position(answer)];
            }
    }

    [[nodiscard]] std::vector<double> posterior_of(std::span<table::Answer const> answers) const {
        std::vector<double> weights = log_prior_;
        for (std::size_t s = 0; s < answers.size(); ++s) {
            double const* const logs = log_likelihood_.of(s, answers[s]);
            for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += logs[k];
        }
        normalise(weights);
        return weights;
    }

    double alpha_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    std::vector<double> log_prior_;      ///< [n_classes]
    AnswerTable log_likelihood_;         ///< ln P(answer | class); 0 for answers that are left out
};

double expected_seconds(Parameters const&, WorkSize const& size) {
    auto const symptoms = static_cast<double>(size.n_symptoms);
    return 1e-3 + symptoms * (2e-9 * static_cast<double>(size.n_train) +
                              5e-10 * static_cast<double>(size.n_test) * static_cast<double>(size.n_causes));
}

}  // namespace

Model naive_bayes() {
    return {
        .name = "naive_bayes",
        .doc = "naive Bayes over the answers, with Laplace smoothing",
        .parameters = {{.name = "alpha",
                        .standard = 1.0,
                        .doc = "Laplace smoothing: added to the count of every answer",
                        .bounds = {.above = 0, .at_most = 1e6}}},
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<NaiveBayes>(parameters.get<double>("alpha"), policy);
        },
    };
}

}  // namespace vaster::models
