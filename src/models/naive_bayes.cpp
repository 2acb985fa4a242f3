#include "vaster/models/naive_bayes.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "vaster/models/features.hpp"
#include "vaster/models/probabilities.hpp"
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

class NaiveBayes : public Classifier {
  public:
    NaiveBayes(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        log_prior_ = log_prior(present);
        learn(count_answers(training.deaths, present));
        watcher.on_progress(1);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty() && test.deaths.answers.n_columns() == log_likelihood_.n_symptoms());
        auto const [answers, rows] = test.deaths;
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            put_row(prediction, i, causes_, posterior_of(answers.row(rows[i])));
        }
        return prediction;
    }

  private:
    [[nodiscard]] std::vector<double> log_prior(PresentCauses const& present) const {
        bool const is_uniform = parameters_.get<std::string>("prior") == "uniform";
        auto const pseudo = parameters_.get<double>("prior_smoothing");
        auto const n_classes = static_cast<double>(present.size());
        double const total = static_cast<double>(present.class_of.size()) + pseudo * n_classes;
        std::vector<double> logs;
        for (std::size_t const count : present.counts)
            logs.push_back(
                std::log(is_uniform ? 1 / n_classes : (static_cast<double>(count) + pseudo) / total));
        return logs;
    }

    /// Fills log_likelihood_ from the counts.
    void learn(AnswerTable const& counts) {
        using table::Answer;
        auto const alpha = parameters_.get<double>("alpha");
        log_likelihood_ = AnswerTable(counts.n_symptoms(), counts.n_classes());
        for (std::size_t s = 0; s < counts.n_symptoms(); ++s)
            for (std::size_t k = 0; k < counts.n_classes(); ++k) {
                auto const logs =
                    log_likelihoods({counts.of(s, Answer::absent)[k], counts.of(s, Answer::present)[k],
                                     counts.of(s, Answer::missing)[k]},
                                    alpha, policy_);
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
        normalise_logs(weights);
        return weights;
    }

    Parameters parameters_;
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
        .parameters =
            {
                {.name = "alpha",
                 .standard = 1.0,
                 .doc = "Laplace smoothing: added to the count of every answer",
                 .bounds = {.above = 0, .at_most = 1e6}},
                {.name = "prior",
                 .standard = std::string("empirical"),
                 .doc =
                     "empirical: cause fractions of the training deaths; uniform: the same for every cause",
                 .choices = {"empirical", "uniform"}},
                {.name = "prior_smoothing",
                 .standard = 0.0,
                 .doc = "deaths added to the count of every cause in the empirical prior",
                 .bounds = {.at_least = 0, .at_most = 1e6}},
            },
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<NaiveBayes>(parameters, policy);
        },
    };
}

}  // namespace vaster::models
