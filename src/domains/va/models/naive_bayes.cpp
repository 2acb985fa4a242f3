#include "domains/va/models/naive_bayes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "domains/va/models/answer_counts.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

constexpr std::size_t n_answers = 3;

constexpr std::size_t position(va::Answer answer) {
    return static_cast<std::size_t>(answer);
}

/// A number for each (symptom, answer, class).
class AnswerTable {
  public:
    AnswerTable() = default;

    AnswerTable(std::size_t n_symptoms, std::size_t n_classes)
        : n_symptoms_(n_symptoms),
          width_((n_classes + block - 1) / block * block),
          cells_(n_symptoms * n_answers * width_) {}

    [[nodiscard]] std::size_t n_symptoms() const { return n_symptoms_; }

    /// Of every class, [n_classes].
    [[nodiscard]] double* of(std::size_t symptom, va::Answer answer) {
        return cells_.data() + (symptom * n_answers + position(answer)) * width_;
    }

    /// Adds the numbers of a death's answers to those of every class, symptom by symptom.
    void add(va::AnswerRow const& answers, std::span<double> sums) const {
        std::vector<double const*> rows(n_symptoms_);
        for (std::size_t s = 0; s < n_symptoms_; ++s)
            rows[s] = cells_.data() + (s * n_answers + position(answers[s])) * width_;
        for (std::size_t first = 0; first < sums.size(); first += block) {
            std::size_t const n = std::min(block, sums.size() - first);
            std::array<double, block> of_block{};
            std::copy_n(sums.begin() + static_cast<std::ptrdiff_t>(first), n, of_block.begin());
            for (double const* row : rows)
                for (std::size_t k = 0; k < block; ++k) of_block[k] += row[first + k];
            std::copy_n(of_block.begin(), n, sums.begin() + static_cast<std::ptrdiff_t>(first));
        }
    }

  private:
    static constexpr std::size_t block = 12;  ///< classes whose sums stay in registers

    std::size_t n_symptoms_ = 0;
    std::size_t width_ = 0;  ///< whole blocks of classes
    std::vector<double> cells_;
};

/// ln(n + offset) of counts n, those of small ones worked out once.
class LogsOfCounts {
  public:
    LogsOfCounts(std::size_t largest, double offset)
        : offset_(offset),
          logs_(std::min(largest + 1, most_kept), std::numeric_limits<double>::quiet_NaN()) {}

    [[nodiscard]] double of(std::size_t count) {
        if (count >= logs_.size()) return work_out(count);
        double& log = logs_[count];
        if (std::isnan(log)) log = work_out(count);
        return log;
    }

  private:
    static constexpr std::size_t most_kept = 65536;

    [[nodiscard]] double work_out(std::size_t count) const {
        return std::log(static_cast<double>(count) + offset_);
    }

    double offset_;
    std::vector<double> logs_;
};

/// ln P(answer | class) from the counts of answers to one symptom.
class LogLikelihoods {
  public:
    /// @param n_deaths  of the largest class
    LogLikelihoods(std::size_t n_deaths, double alpha, MissingPolicy policy)
        : policy_(policy),
          counts_(n_deaths, alpha),
          totals_(n_deaths, (policy == MissingPolicy::ordinal ? 3 : 2) * alpha) {}

    [[nodiscard]] std::array<double, n_answers> of(std::size_t absent, std::size_t present,
                                                   std::size_t missing) {
        if (policy_ == MissingPolicy::ordinal) {
            double const log_total = totals_.of(absent + present + missing);
            return {counts_.of(absent) - log_total, counts_.of(present) - log_total,
                    counts_.of(missing) - log_total};
        }
        if (policy_ == MissingPolicy::absent) absent += missing;
        double const log_total = totals_.of(absent + present);
        double const of_absent = counts_.of(absent) - log_total;
        return {of_absent, counts_.of(present) - log_total,
                policy_ == MissingPolicy::absent ? of_absent : 0.0};
    }

  private:
    MissingPolicy policy_;
    LogsOfCounts counts_;
    LogsOfCounts totals_;
};

class NaiveBayes : public Classifier {
  public:
    NaiveBayes(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        deaths_.assign(present.counts.begin(), present.counts.end());
        counts_ = count_answers(training.deaths, present);
        if (!training.weights.empty()) weighed_ = weigh_answers(training, present);
        learn();
        watcher.on_progress(1);
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        parts.put("deaths", deaths_);
        parts.put<std::uint32_t>("present", counts_.present, {counts_.n_symptoms, counts_.n_classes});
        parts.put<std::uint32_t>("missing", counts_.missing, {counts_.n_symptoms, counts_.n_classes});
        if (!weighed_) return;
        parts.put("weight_of_deaths", weighed_->deaths);
        parts.put<double>("weight_present", weighed_->present, {counts_.n_symptoms, counts_.n_classes});
        parts.put<double>("weight_missing", weighed_->missing, {counts_.n_symptoms, counts_.n_classes});
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        auto const deaths = parts.get<std::uint32_t>("deaths", {causes_.size()});
        check_range("deaths", deaths, {1, largest_count});
        auto const present = parts.get<std::uint32_t>("present", {n_symptoms, causes_.size()});
        auto const missing = parts.get<std::uint32_t>("missing", {n_symptoms, causes_.size()});
        for (std::size_t i = 0; i < present.size(); ++i) {
            std::uint64_t const answers = std::uint64_t{present[i]} + missing[i];
            std::uint32_t const of_class = deaths[i % causes_.size()];
            require<DataError>(answers <= of_class,
                               "parts 'present' and 'missing': value {} is {} together (of {} deaths)", i,
                               answers, of_class);
        }
        deaths_.assign(deaths.begin(), deaths.end());
        counts_ = {
            n_symptoms, causes_.size(), {present.begin(), present.end()}, {missing.begin(), missing.end()}};
        if (parts.has("weight_of_deaths")) load_weights(parts);
        learn();
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
    static constexpr double largest_count = std::numeric_limits<std::uint32_t>::max();

    /// @throws DataError unless the weights are finite, at least 0, and answers weigh no more than deaths
    void load_weights(Parts const& parts) {
        auto const deaths = parts.get<double>("weight_of_deaths", {causes_.size()});
        auto const present = parts.get<double>("weight_present", {counts_.n_symptoms, causes_.size()});
        auto const missing = parts.get<double>("weight_missing", {counts_.n_symptoms, causes_.size()});
        check_range("weight_of_deaths", deaths, {0, largest_count});
        check_range("weight_present", present, {0, largest_count});
        check_range("weight_missing", missing, {0, largest_count});
        constexpr double of_rounding = 1e-9;
        for (std::size_t i = 0; i < present.size(); ++i)
            require<DataError>(
                present[i] + missing[i] <= deaths[i % causes_.size()] * (1 + of_rounding),
                "parts 'weight_present' and 'weight_missing': value {} is {} together (of deaths that "
                "weigh {})",
                i, present[i] + missing[i], deaths[i % causes_.size()]);
        weighed_ = {{deaths.begin(), deaths.end()},
                    {present.begin(), present.end()},
                    {missing.begin(), missing.end()}};
    }

    [[nodiscard]] std::vector<double> log_prior() const {
        bool const is_uniform = parameters_.get<std::string>("prior") == "uniform";
        auto const pseudo = parameters_.get<double>("prior_smoothing");
        std::vector<double> of_class(deaths_.begin(), deaths_.end());
        if (weighed_) of_class = weighed_->deaths;
        auto const n_classes = static_cast<double>(of_class.size());
        double const total = std::accumulate(of_class.begin(), of_class.end(), 0.0) + pseudo * n_classes;
        std::vector<double> logs;
        logs.reserve(of_class.size());
        for (double const weight : of_class)
            logs.push_back(std::log(is_uniform ? 1 / n_classes : (weight + pseudo) / total));
        return logs;
    }

    /// ln P(answer | class) where deaths have weights.
    [[nodiscard]] std::array<double, n_answers> weighed_logs(std::size_t symptom, std::size_t k) const {
        std::size_t const cell = symptom * counts_.n_classes + k;
        auto const alpha = parameters_.get<double>("alpha");
        double const present = weighed_->present[cell];
        double missing = weighed_->missing[cell];
        double absent = std::max(0.0, weighed_->deaths[k] - present - missing);
        if (policy_ == MissingPolicy::absent) absent += std::exchange(missing, 0.0);
        bool const is_third = policy_ == MissingPolicy::ordinal;
        double const total = absent + present + (is_third ? missing : 0) + (is_third ? 3 : 2) * alpha;
        double const of_absent = std::log((absent + alpha) / total);
        double of_missing = policy_ == MissingPolicy::absent ? of_absent : 0;
        if (is_third) of_missing = std::log((missing + alpha) / total);
        return {of_absent, std::log((present + alpha) / total), of_missing};
    }

    /// Fills log_prior_ and log_likelihood_ from the counts.
    void learn() {
        using va::Answer;
        log_prior_ = log_prior();
        log_likelihood_ = AnswerTable(counts_.n_symptoms, counts_.n_classes);
        LogLikelihoods log_likelihoods(std::ranges::max(deaths_), parameters_.get<double>("alpha"), policy_);
        for (std::size_t s = 0; s < counts_.n_symptoms; ++s)
            for (std::size_t k = 0; k < counts_.n_classes; ++k) {
                std::size_t const present = counts_.present[s * counts_.n_classes + k];
                std::size_t const missing = counts_.missing[s * counts_.n_classes + k];
                auto const logs = weighed_
                                      ? weighed_logs(s, k)
                                      : log_likelihoods.of(deaths_[k] - present - missing, present, missing);
                for (auto const answer : {Answer::absent, Answer::present, Answer::missing})
                    log_likelihood_.of(s, answer)[k] = logs[position(answer)];
            }
    }

    [[nodiscard]] std::vector<double> posterior_of(va::AnswerRow const& answers) const {
        std::vector<double> weights = log_prior_;
        log_likelihood_.add(answers, weights);
        normalise_logs(weights);
        return weights;
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;              ///< of the study
    std::vector<std::uint32_t> causes_;     ///< cause of every class
    std::vector<std::uint32_t> deaths_;     ///< training deaths of every class
    AnswerCounts counts_;                   ///< of the training deaths
    std::optional<AnswerWeights> weighed_;  ///< in place of the counts where the training deaths have weights
    std::vector<double> log_prior_;         ///< [n_classes]
    AnswerTable log_likelihood_;            ///< ln P(answer | class); 0 for answers that are left out
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
        .load = loading<NaiveBayes>(),
        .predicts = Predicts::each_death,
        .takes_weights = true,
    };
}

}  // namespace vaster::models
