#include "domains/va/models/logistic_regression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "domains/va/models/features.hpp"
#include "domains/va/models/lbfgs.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "domains/va/models/sparse_answers.hpp"
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

/// What a death counts for by its own weight, whatever its cause.
double own_weight(TrainingSet const& training, std::size_t i) {
    return training.weights.empty() ? 1 : training.weights[i];
}

AnswerValues answer_values(TrainingSet const& training, MissingPolicy policy) {
    auto const& [answers, rows] = training.deaths;
    AnswerValues values = plain_values(answers.n_columns(), policy);
    if (policy != MissingPolicy::nan) return values;
    for (std::size_t s = 0; s < values.size(); ++s) {
        std::array<double, 3> count{};
        for (std::size_t i = 0; i < rows.size(); ++i)
            count[static_cast<std::size_t>(answers.row(rows[i])[s])] += own_weight(training, i);
        double const answered = count[0] + count[1];
        values[s][2] = answered > 0 ? count[1] / answered : 0;
    }
    return values;
}

/// The x of deaths that are not 0.
using SparseRows = SparseAnswers<double>;

SparseRows sparse_rows(Deaths const& deaths, AnswerValues const& values) {
    return {deaths, [&values](std::uint32_t symptom, va::Answer answer) {
                double const value = values[symptom][static_cast<std::size_t>(answer)];
                return value != 0 ? std::make_optional(value) : std::nullopt;
            }};
}

/// Writes b + W x. @param weights  begins with W [n_symptoms][n_classes]
void linear_scores(std::span<double const> weights, std::span<double const> intercepts,
                   std::span<SparseRows::Entry const> x, std::span<double> scores) {
    std::size_t const n_classes = scores.size();
    std::copy(intercepts.begin(), intercepts.end(), scores.begin());
    for (auto const& [symptom, value] : x) {
        double const* const row = weights.data() + symptom * n_classes;
        for (std::size_t k = 0; k < n_classes; ++k) scores[k] += value * row[k];
    }
}

/// What is taken off the x of every death: one mean for each group of deaths.
struct Centres {
    std::vector<std::vector<double>> of_group;  ///< [n_groups][n_symptoms]
    std::vector<std::uint32_t> group;           ///< of every death, [n_deaths]
};

/// Of the x of some training deaths, by their own weights.
std::vector<double> mean_of(SparseRows const& rows, TrainingSet const& training,
                            std::span<std::size_t const> deaths) {
    std::vector<double> mean(training.deaths.answers.n_columns(), 0.0);
    double total = 0;
    for (std::size_t const i : deaths) {
        double const weight = own_weight(training, i);
        total += weight;
        for (auto const& [symptom, value] : rows.of(i)) mean[symptom] += weight * value;
    }
    for (double& one : mean) one /= total;
    return mean;
}

/// The positions of deaths, site by site; without sites all together.
std::vector<std::vector<std::size_t>> deaths_by_site(std::span<std::uint32_t const> sites,
                                                     std::size_t n_deaths) {
    std::map<std::uint32_t, std::vector<std::size_t>> by_site;
    for (std::size_t i = 0; i < n_deaths; ++i) by_site[sites.empty() ? 0 : sites[i]].push_back(i);
    std::vector<std::vector<std::size_t>> all;
    all.reserve(by_site.size());
    for (auto& [site, deaths] : by_site) all.push_back(std::move(deaths));
    return all;
}

/// m_g of every site.
Centres site_centres(SparseRows const& rows, TrainingSet const& training) {
    Centres centres;
    centres.group.resize(rows.size());
    for (auto const& deaths : deaths_by_site(training.sites, rows.size())) {
        for (std::size_t const i : deaths)
            centres.group[i] = static_cast<std::uint32_t>(centres.of_group.size());
        centres.of_group.push_back(mean_of(rows, training, deaths));
    }
    return centres;
}

/// Nothing is taken off.
Centres no_centres(std::size_t n_deaths, std::size_t n_symptoms) {
    return {{std::vector<double>(n_symptoms, 0.0)}, std::vector<std::uint32_t>(n_deaths, 0)};
}

/// F and its gradient, with the intercepts at the average death, a = b + W m, in place of b: centred answers
/// make the search several times shorter where answers hardly vary.
class PenalisedLoss {
  public:
    /// @param centres  what is taken off x before anything else
    /// @param weights  w, [n_deaths]
    PenalisedLoss(SparseRows const& rows, Centres centres, PresentCauses const& present,
                  std::vector<double> weights, double penalty)
        : rows_(rows),
          present_(present),
          weights_(std::move(weights)),
          penalty_(penalty),
          mean_(centres.of_group.front().size(), 0.0),
          off_(std::move(centres)) {
        double total = 0;
        std::vector<double> of_group(off_.of_group.size(), 0.0);
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            double const weight = weights_[i];
            total += weight;
            of_group[off_.group[i]] += weight;
            for (auto const& [symptom, value] : rows_.of(i)) mean_[symptom] += weight * value;
        }
        for (std::size_t g = 0; g < of_group.size(); ++g) add_to(mean_, -of_group[g], off_.of_group[g]);
        for (double& mean : mean_) mean /= total;
        for (auto& centre : off_.of_group) add_to(centre, 1, mean_);
    }

    double operator()(std::span<double const> centred, std::span<double> gradient) const {
        std::size_t const n_classes = present_.size();
        std::vector<double> const intercepts = group_intercepts(centred);
        std::vector<double> sums(intercepts.size(), 0.0);  // of the residuals, by group
        std::fill(gradient.begin(), gradient.end(), 0.0);
        std::vector<double> residual(n_classes);
        double loss = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            std::size_t const first = off_.group[i] * n_classes;
            linear_scores(centred, std::span(intercepts).subspan(first, n_classes), rows_.of(i), residual);
            loss += residual_and_loss(residual, present_.class_of[i], weights_[i]);
            add_to(std::span(sums).subspan(first, n_classes), 1, residual);
            for (auto const& [symptom, value] : rows_.of(i))
                add_to(gradient.subspan(symptom * n_classes, n_classes), value, residual);
        }
        std::span<double> const of_intercepts = gradient.subspan(mean_.size() * n_classes);
        for (std::size_t g = 0; g < off_.of_group.size(); ++g) {
            auto const sum = std::span<double const>(sums).subspan(g * n_classes, n_classes);
            add_to(of_intercepts, 1, sum);
            for (std::size_t s = 0; s < mean_.size(); ++s)
                add_to(gradient.subspan(s * n_classes, n_classes), -off_.of_group[g][s], sum);
        }
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
        shift(all.subspan(mean_.size() * n_classes), all, mean_);
        return centred;
    }

    /// intercepts -= W what
    static void shift(std::span<double> intercepts, std::span<double const> weights,
                      std::span<double const> what) {
        std::size_t const n_classes = intercepts.size();
        for (std::size_t s = 0; s < what.size(); ++s)
            add_to(intercepts, -what[s], weights.subspan(s * n_classes, n_classes));
    }

  private:
    /// to += factor * what
    static void add_to(std::span<double> to, double factor, std::span<double const> what) {
        for (std::size_t k = 0; k < to.size(); ++k) to[k] += factor * what[k];
    }

    /// The intercepts that go with x as it is, [n_groups][n_classes].
    [[nodiscard]] std::vector<double> group_intercepts(std::span<double const> centred) const {
        std::size_t const n_classes = present_.size();
        auto const a = centred.subspan(mean_.size() * n_classes);
        std::vector<double> all;
        all.reserve(off_.of_group.size() * n_classes);
        for (auto const& centre : off_.of_group) {
            std::vector<double> intercepts(a.begin(), a.end());
            shift(intercepts, centred, centre);
            all.insert(all.end(), intercepts.begin(), intercepts.end());
        }
        return all;
    }

    /// Turns a death's scores into w (P(c) - [c is its cause]).
    /// @returns its loss
    static double residual_and_loss(std::span<double> scores, std::size_t own, double weight) {
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
    std::vector<double> weights_;  ///< w, [n_deaths]
    double penalty_;
    std::vector<double> mean_;  ///< m: weighted mean of x without the centres, [n_symptoms]
    Centres off_;               ///< the centres plus m
};

/// A value of a key that stands for another one.
constexpr double as_lambda = -1;
constexpr double as_c = 0;

/// How a model of centre "site" takes a batch.
struct Centring {
    std::vector<double> mean;  ///< mu, [n_symptoms]
    double lambda = 0;         ///< share of the batch's mean
    double kappa = 0;          ///< deaths that mu counts for in it
};

class LogisticRegression : public Classifier {
  public:
    LogisticRegression(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {
        check_weight_power(parameters_, "logistic_regression");
        auto const lambda = parameters_.get<double>("lambda_several");
        require<ConfigError>(lambda == as_lambda || lambda >= 0,
                             "models.logistic_regression.lambda_several = {} (must be 0 to 1, or -1: as "
                             "lambda)",
                             lambda);
    }

    void fit(TrainingSet const& training, Random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        values_ = answer_values(training, policy_);
        coefficients_.assign((values_.size() + 1) * present.size(), 0.0);
        SparseRows const rows = sparse_rows(training.deaths, values_);
        if (is_centred(parameters_)) centring_ = centring_of(rows, training);
        if (present.size() > 1) minimise_loss(rows, training, present, watcher);
        watcher.on_progress(1);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty() && test.deaths.answers.n_columns() == values_.size());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        SparseRows const rows = sparse_rows(test.deaths, values_);
        std::vector<double> scores(causes_.size());
        for (auto const& batch :
             deaths_by_site(centring_ ? test.sites : std::span<std::uint32_t const>(), rows.size())) {
            auto const intercepts = intercepts_for(rows, batch);
            for (std::size_t const i : batch) {
                if (watcher.stop_requested()) throw Cancelled{};
                linear_scores(coefficients_, intercepts, rows.of(i), scores);
                normalise_logs(scores);
                put_row(prediction, i, causes_, scores);
            }
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        std::size_t const n_weights = values_.size() * causes_.size();
        std::span<double const> const all(coefficients_);
        parts.put<double>("weights", all.first(n_weights), {values_.size(), causes_.size()});
        parts.put<double>("intercepts", all.subspan(n_weights), {causes_.size()});
        if (centring_) {
            parts.put("centre", centring_->mean);
            parts.put("centring", std::vector<double>{centring_->lambda, centring_->kappa});
        }
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
        if (is_centred(parameters_)) load_centring(parts, n_symptoms);
        values_ = plain_values(n_symptoms, policy_);
        if (policy_ != MissingPolicy::nan) return;
        auto const means = parts.get<double>("means", {n_symptoms});
        check_range("means", means, {0, 1});
        for (std::size_t s = 0; s < n_symptoms; ++s) values_[s][2] = means[s];
    }

    /// Is x centred by site?
    static bool is_centred(Parameters const& parameters) {
        return parameters.get<std::string>("centre") == "site";
    }

  private:
    /// The value of a key, or of the one that stands in for it where there are several sites.
    [[nodiscard]] double value_of(std::string const& key, bool several, double undecided) const {
        auto const of_several = parameters_.get<double>(key + "_several");
        return several && of_several != undecided ? of_several : parameters_.get<double>(key);
    }

    [[nodiscard]] Centring centring_of(SparseRows const& rows, TrainingSet const& training) const {
        return {mean_of(rows, training, deaths_by_site({}, rows.size()).front()),
                value_of("lambda", is_of_several_sites(training), as_lambda),
                parameters_.get<double>("kappa")};
    }

    void load_centring(Parts const& parts, std::size_t n_symptoms) {
        auto const mean = parts.get<double>("centre", {n_symptoms});
        check_range("centre", mean, {0, 2});
        auto const numbers = parts.get<double>("centring", {2});
        check_range("centring", numbers.first(1), {0, 1});
        check_range("centring", numbers.last(1), {0, largest_term});
        centring_ = {{mean.begin(), mean.end()}, numbers[0], numbers[1]};
    }

    /// The intercepts that go with the x of a batch as they are.
    [[nodiscard]] std::vector<double> intercepts_for(SparseRows const& rows,
                                                     std::span<std::size_t const> batch) const {
        std::vector<double> intercepts(coefficients_.end() - static_cast<std::ptrdiff_t>(causes_.size()),
                                       coefficients_.end());
        if (!centring_) return intercepts;
        auto const& [mu, lambda, kappa] = *centring_;
        std::vector<double> centre(mu.size(), 0.0);
        for (std::size_t const i : batch)
            for (auto const& [symptom, value] : rows.of(i)) centre[symptom] += value;
        double const n = static_cast<double>(batch.size()) + kappa;
        for (std::size_t s = 0; s < mu.size(); ++s)
            centre[s] = lambda * (centre[s] + kappa * mu[s]) / n + (1 - lambda) * mu[s];
        PenalisedLoss::shift(intercepts, coefficients_, centre);
        return intercepts;
    }

    void minimise_loss(SparseRows const& rows, TrainingSet const& training, PresentCauses const& present,
                       Watcher& watcher) {
        auto const max_iterations = static_cast<std::size_t>(parameters_.get<std::int64_t>("max_iterations"));
        auto const tolerance = parameters_.get<double>("tolerance");
        auto const of_class =
            class_weights_of_mean_one(class_totals(training, present), weight_power(parameters_, training));
        PenalisedLoss const loss(
            rows, centring_ ? site_centres(rows, training) : no_centres(rows.size(), values_.size()), present,
            death_weights(training, present, of_class),
            1 / value_of("C", is_of_several_sites(training), as_c));
        LbfgsResult const result = minimise(
            loss, coefficients_, {.max_iterations = max_iterations, .tolerance = tolerance}, watcher);
        require<ModelError>(
            result.converged,
            "logistic regression has not converged after {} iterations: the gradient's length "
            "is {:.3g} where {:.3g} is asked for; raise "
            "models.logistic_regression.max_iterations or tolerance, or lower C",
            result.iterations, result.gradient_length, tolerance);
        coefficients_ = loss.with_intercepts(std::move(coefficients_));
        if (centring_) let_intercepts_sum_to_zero();
    }

    void let_intercepts_sum_to_zero() {
        auto const first = coefficients_.end() - static_cast<std::ptrdiff_t>(causes_.size());
        double const mean =
            std::accumulate(first, coefficients_.end(), 0.0) / static_cast<double>(causes_.size());
        std::for_each(first, coefficients_.end(), [mean](double& b) { b -= mean; });
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    AnswerValues values_;
    std::vector<double> coefficients_;  ///< W [n_symptoms][n_classes], then b [n_classes]
    std::optional<Centring> centring_;  ///< of centre "site"
};

double expected_seconds(Parameters const&, WorkSize const& size) {
    auto const cells = static_cast<double>(size.n_symptoms) * static_cast<double>(size.n_causes);
    return 1e-3 +
           cells * (1.5e-8 * static_cast<double>(size.n_train) + 2e-10 * static_cast<double>(size.n_test));
}

}  // namespace

std::vector<std::pair<std::string, Value>> logistic_regression_for_transfer() {
    return {{"C", 0.3},
            {"C_several", 0.1},
            {"weight_power", 0.75},
            {"weight_power_several", 0.5},
            {"lambda_several", 0.5}};
}

namespace {

std::vector<Parameter> declared_parameters() {
    return with_weight_parameters(
        {
            {.name = "C",
             .standard = 1.0,
             .doc = "inverse of the penalty's strength: smaller is stronger",
             .bounds = {.above = 0, .at_most = 1e6}},
            {.name = "C_several",
             .standard = as_c,
             .doc = "the same for training sets of several sites; 0: as C",
             .bounds = {.at_least = 0, .at_most = 1e6}},
            {.name = "centre",
             .standard = std::string("none"),
             .doc =
                 "site: answers count by how they differ from the mean of the death's site, which makes the "
                 "model transductive; C, weight_power and lambda then have other defaults where they are "
                 "not given",
             .choices = {"none", "site"}},
            {.name = "lambda",
             .standard = 0.75,
             .doc = "centre = \"site\": share of the mean of the deaths to be coded in what is taken off "
                    "their answers, against that of the training deaths; 0: not transductive",
             .bounds = {.at_least = 0, .at_most = 1}},
            {.name = "lambda_several",
             .standard = as_lambda,
             .doc = "the same for training sets of several sites; -1: as lambda",
             .bounds = {.at_least = as_lambda, .at_most = 1}},
            {.name = "kappa",
             .standard = 20.0,
             .doc = "centre = \"site\": deaths that the training mean counts for in the mean of a batch",
             .bounds = {.above = 0, .at_most = 1e6}},
            {.name = "tolerance",
             .standard = 1e-4,
             .doc = "length of the gradient at which the coefficients have converged",
             .bounds = {.at_least = 1e-12, .at_most = 1}},
            {.name = "max_iterations",
             .standard = std::int64_t{2000},
             .doc = "steps after which a fit that has not converged fails",
             .bounds = {.at_least = 1, .at_most = 1000000}},
        },
        "none");
}

}  // namespace

Model logistic_regression() {
    return {
        .name = "logistic_regression",
        .doc = "multinomial logistic regression with an L2 penalty",
        .parameters = declared_parameters(),
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<LogisticRegression>(parameters, policy);
        },
        .load = loading<LogisticRegression>(),
        .predicts = Predicts::each_death,
        .predicts_with =
            [](Parameters const& parameters) {
                return LogisticRegression::is_centred(parameters) ? Predicts::whole_batch
                                                                  : Predicts::each_death;
            },
        .takes_weights = true,
    };
}

}  // namespace vaster::models
