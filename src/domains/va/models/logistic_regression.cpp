#include "domains/va/models/logistic_regression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "domains/va/models/features.hpp"
#include "domains/va/models/lbfgs.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

/// x of each answer to each symptom.
using AnswerValues = std::vector<std::array<double, 3>>;

/// Before anything is known of the training deaths.
AnswerValues plain_values(std::size_t n_symptoms, MissingPolicy policy) {
    return AnswerValues(n_symptoms, {0, 1, policy == MissingPolicy::ordinal ? 2.0 : 0.0});
}

AnswerValues answer_values(Deaths const& training, MissingPolicy policy) {
    AnswerValues values = plain_values(training.answers.n_columns(), policy);
    if (policy != MissingPolicy::nan) return values;
    for (std::size_t s = 0; s < values.size(); ++s) {
        std::array<double, 3> count{};
        for (std::uint32_t const row : training.rows)
            count[static_cast<std::size_t>(training.answers.row(row)[s])] += 1;
        double const answered = count[0] + count[1];
        values[s][2] = answered > 0 ? count[1] / answered : 0;
    }
    return values;
}

/// The x of deaths that are not 0, death by death.
class SparseRows {
  public:
    struct Entry {
        std::uint32_t symptom;
        double value;
    };

    SparseRows(Deaths const& deaths, AnswerValues const& values) {
        for (std::uint32_t const row : deaths.rows) {
            auto const answers = deaths.answers.row(row);
            for (std::uint32_t s = 0; s < answers.size(); ++s) {
                double const value = values[s][static_cast<std::size_t>(answers[s])];
                if (value != 0) entries_.push_back({s, value});
            }
            ends_.push_back(entries_.size());
        }
    }

    [[nodiscard]] std::size_t size() const { return ends_.size(); }

    [[nodiscard]] std::span<Entry const> of(std::size_t i) const {
        std::size_t const begin = i == 0 ? 0 : ends_[i - 1];
        return {entries_.data() + begin, ends_[i] - begin};
    }

  private:
    std::vector<Entry> entries_;
    std::vector<std::size_t> ends_;
};

/// W [n_symptoms][n_classes], then b [n_classes]. Writes b + W x.
void linear_scores(std::span<double const> coefficients, std::span<SparseRows::Entry const> x,
                   std::span<double> scores) {
    std::size_t const n_classes = scores.size();
    std::copy(coefficients.end() - static_cast<std::ptrdiff_t>(n_classes), coefficients.end(),
              scores.begin());
    for (auto const& [symptom, value] : x) {
        double const* const row = coefficients.data() + symptom * n_classes;
        for (std::size_t k = 0; k < n_classes; ++k) scores[k] += value * row[k];
    }
}

/// F and its gradient, with the intercepts at the average death, a = b + W m, in place of b: centred answers
/// make the search several times shorter where answers hardly vary.
class PenalisedLoss {
  public:
    PenalisedLoss(SparseRows const& rows, std::size_t n_symptoms, PresentCauses const& present,
                  std::vector<double> class_weights, double penalty)
        : rows_(rows),
          present_(present),
          class_weights_(std::move(class_weights)),
          penalty_(penalty),
          mean_(n_symptoms, 0.0) {
        double total = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            double const weight = class_weights_[present_.class_of[i]];
            total += weight;
            for (auto const& [symptom, value] : rows_.of(i)) mean_[symptom] += weight * value;
        }
        for (double& mean : mean_) mean /= total;
    }

    double operator()(std::span<double const> centred, std::span<double> gradient) const {
        std::size_t const n_classes = present_.size();
        std::vector<double> const coefficients = with_intercepts({centred.begin(), centred.end()});
        std::fill(gradient.begin(), gradient.end(), 0.0);
        std::span<double> const of_intercepts = gradient.subspan(mean_.size() * n_classes);
        std::vector<double> residual(n_classes);
        double loss = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            linear_scores(coefficients, rows_.of(i), residual);
            loss += residual_and_loss(residual, present_.class_of[i]);
            add_to(of_intercepts, 1, residual);
            for (auto const& [symptom, value] : rows_.of(i))
                add_to(gradient.subspan(symptom * n_classes, n_classes), value, residual);
        }
        for (std::size_t s = 0; s < mean_.size(); ++s)
            add_to(gradient.subspan(s * n_classes, n_classes), -mean_[s], of_intercepts);
        for (std::size_t j = 0; j < mean_.size() * n_classes; ++j) {
            loss += 0.5 * penalty_ * centred[j] * centred[j];
            gradient[j] += penalty_ * centred[j];
        }
        return loss;
    }

    /// W and a to W and b.
    [[nodiscard]] std::vector<double> with_intercepts(std::vector<double> centred) const {
        std::size_t const n_classes = present_.size();
        std::span<double> const all(centred);
        std::span<double> const intercepts = all.subspan(mean_.size() * n_classes);
        for (std::size_t s = 0; s < mean_.size(); ++s)
            add_to(intercepts, -mean_[s], all.subspan(s * n_classes, n_classes));
        return centred;
    }

  private:
    /// to += factor * what
    static void add_to(std::span<double> to, double factor, std::span<double const> what) {
        for (std::size_t k = 0; k < to.size(); ++k) to[k] += factor * what[k];
    }

    /// Turns a death's scores into w (P(c) - [c is its cause]).
    /// @returns its loss
    double residual_and_loss(std::span<double> scores, std::size_t own) const {
        double const weight = class_weights_[own];
        double const largest = *std::max_element(scores.begin(), scores.end());
        double const own_score = scores[own] - largest;
        double sum = 0;
        for (double& score : scores) sum += score = std::exp(score - largest);
        for (double& score : scores) score *= weight / sum;
        scores[own] -= weight;
        return weight * (std::log(sum) - own_score);
    }

    SparseRows const& rows_;
    PresentCauses const& present_;
    std::vector<double> class_weights_;
    double penalty_;
    std::vector<double> mean_;  ///< m: weighted mean of x, [n_symptoms]
};

class LogisticRegression : public Classifier {
  public:
    LogisticRegression(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        values_ = answer_values(training.deaths, policy_);
        coefficients_.assign((values_.size() + 1) * present.size(), 0.0);
        if (present.size() > 1) minimise_loss(SparseRows(training.deaths, values_), present, watcher);
        watcher.on_progress(1);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty() && test.deaths.answers.n_columns() == values_.size());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        SparseRows const rows(test.deaths, values_);
        std::vector<double> scores(causes_.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            linear_scores(coefficients_, rows.of(i), scores);
            normalise_logs(scores);
            put_row(prediction, i, causes_, scores);
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        std::size_t const n_weights = values_.size() * causes_.size();
        std::span<double const> const all(coefficients_);
        parts.put<double>("weights", all.first(n_weights), {values_.size(), causes_.size()});
        parts.put<double>("intercepts", all.subspan(n_weights), {causes_.size()});
        if (policy_ != MissingPolicy::nan) return;
        std::vector<double> means;
        means.reserve(values_.size());
        for (auto const& of_symptom : values_) means.push_back(of_symptom[2]);
        parts.put("means", means);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        auto const weights = parts.get<double>("weights", {n_symptoms, causes_.size()});
        auto const intercepts = parts.get<double>("intercepts", {causes_.size()});
        check_range("weights", weights, Range{});
        check_range("intercepts", intercepts, Range{});
        coefficients_.assign(weights.begin(), weights.end());
        coefficients_.insert(coefficients_.end(), intercepts.begin(), intercepts.end());
        values_ = plain_values(n_symptoms, policy_);
        if (policy_ != MissingPolicy::nan) return;
        auto const means = parts.get<double>("means", {n_symptoms});
        check_range("means", means, {0, 1});
        for (std::size_t s = 0; s < n_symptoms; ++s) values_[s][2] = means[s];
    }

  private:
    void minimise_loss(SparseRows const& rows, PresentCauses const& present, Watcher& watcher) {
        auto const max_iterations = static_cast<std::size_t>(parameters_.get<std::int64_t>("max_iterations"));
        auto const tolerance = parameters_.get<double>("tolerance");
        PenalisedLoss const loss(rows, values_.size(), present,
                                 class_weights(present, parameters_.get<std::string>("class_weight")),
                                 1 / parameters_.get<double>("C"));
        LbfgsResult const result = minimise(
            loss, coefficients_, {.max_iterations = max_iterations, .tolerance = tolerance}, watcher);
        require<ModelError>(
            result.converged,
            "logistic regression has not converged after {} iterations: the gradient's length "
            "is {:.3g} where {:.3g} is asked for; raise "
            "models.logistic_regression.max_iterations or tolerance, or lower C",
            result.iterations, result.gradient_length, tolerance);
        coefficients_ = loss.with_intercepts(std::move(coefficients_));
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    AnswerValues values_;
    std::vector<double> coefficients_;  ///< W [n_symptoms][n_classes], then b [n_classes]
};

double expected_seconds(Parameters const&, WorkSize const& size) {
    auto const cells = static_cast<double>(size.n_symptoms) * static_cast<double>(size.n_causes);
    return 1e-3 +
           cells * (1.5e-8 * static_cast<double>(size.n_train) + 2e-10 * static_cast<double>(size.n_test));
}

}  // namespace

Model logistic_regression() {
    return {
        .name = "logistic_regression",
        .doc = "multinomial logistic regression with an L2 penalty",
        .parameters =
            {
                {.name = "C",
                 .standard = 1.0,
                 .doc = "inverse of the penalty's strength: smaller is stronger",
                 .bounds = {.above = 0, .at_most = 1e6}},
                class_weight_parameter("none"),
                {.name = "tolerance",
                 .standard = 1e-4,
                 .doc = "length of the gradient at which the coefficients have converged",
                 .bounds = {.at_least = 1e-9, .at_most = 1}},
                {.name = "max_iterations",
                 .standard = std::int64_t{2000},
                 .doc = "steps after which a fit that has not converged fails",
                 .bounds = {.at_least = 1, .at_most = 1000000}},
            },
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<LogisticRegression>(parameters, policy);
        },
        .load = loading<LogisticRegression>(),
        .predicts = Predicts::each_death,
    };
}

}  // namespace vaster::models
