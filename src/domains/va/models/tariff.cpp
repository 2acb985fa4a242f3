#include "domains/va/models/tariff.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "domains/va/models/features.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "domains/va/models/signs.hpp"
#include "domains/va/models/tariff_table.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

/// What share of the training deaths has a score above 0, and a higher one.
class ScoreRanks {
  public:
    struct Step {
        double score;
        double above;      ///< share of deaths with a higher score
        double not_below;  ///< with this score or a higher one
    };

    /// @param scores   of the training deaths for one cause
    /// @param weights  of the training deaths, sum 1
    ScoreRanks(std::vector<double> const& scores, std::vector<double> const& weights) {
        std::vector<std::size_t> order(scores.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t i, std::size_t j) { return scores[i] > scores[j]; });
        double above = 0;
        for (std::size_t const i : order) {
            if (!steps_.empty() && steps_.back().score <= 0) break;  // further scores are never asked for
            if (steps_.empty() || steps_.back().score != scores[i])
                steps_.push_back({scores[i], above, above});
            above += weights[i];
            steps_.back().not_below = above;
        }
    }

    explicit ScoreRanks(std::vector<Step> steps) : steps_(std::move(steps)) {}

    /// Falling scores; the last may be the first that is not above 0.
    [[nodiscard]] std::vector<Step> const& steps() const { return steps_; }

    /// Share of higher scores and half of that of equal ones.
    /// @param score  above 0
    [[nodiscard]] double rank(double score) const {
        auto const step = std::lower_bound(steps_.begin(), steps_.end(), score,
                                           [](Step const& one, double value) { return one.score > value; });
        if (step == steps_.end()) return 1;
        if (step->score != score) return step->above;
        return step->above + (step->not_below - step->above) / 2;
    }

  private:
    std::vector<Step> steps_;
};

/// What sums of weights may differ by from what they are.
constexpr double of_rounding = 1e-6;

/// Parts "ranks/score", "ranks/above", "ranks/not_below": the steps of all classes, one class after another;
/// "ranks/steps": how many each has, [n_classes].
void save_ranks(Parts& parts, std::vector<ScoreRanks> const& ranks) {
    std::vector<std::uint32_t> n_steps;
    std::vector<double> score;
    std::vector<double> above;
    std::vector<double> not_below;
    n_steps.reserve(ranks.size());
    for (auto const& of_class : ranks) {
        n_steps.push_back(static_cast<std::uint32_t>(of_class.steps().size()));
        for (auto const& step : of_class.steps()) {
            score.push_back(step.score);
            above.push_back(step.above);
            not_below.push_back(step.not_below);
        }
    }
    parts.put("ranks/steps", n_steps);
    parts.put("ranks/score", score);
    parts.put("ranks/above", above);
    parts.put("ranks/not_below", not_below);
}

/// Scores fall, shares lie in [0, 1] and rise.
void check_steps(std::vector<ScoreRanks::Step> const& steps, std::size_t class_index) {
    double below = largest_term;
    double share = 0;
    for (auto const& step : steps) {
        bool const is_ordered = step.score < below && step.score > -largest_term && step.above >= share &&
                                step.not_below >= step.above && step.not_below <= 1 + of_rounding;
        require<DataError>(
            is_ordered,
            "parts 'ranks/...': class {} has a step of score {}, shares {} and {} (scores must "
            "fall, shares rise within 0 to 1)",
            class_index, step.score, step.above, step.not_below);
        below = step.score;
        share = step.not_below;
    }
}

std::vector<ScoreRanks> load_ranks(Parts const& parts, std::size_t n_classes) {
    auto const n_steps = parts.get<std::uint32_t>("ranks/steps", {n_classes});
    std::uint64_t const n_all = sum_of(n_steps);
    auto const score = parts.get<double>("ranks/score", {n_all});
    auto const above = parts.get<double>("ranks/above", {n_all});
    auto const not_below = parts.get<double>("ranks/not_below", {n_all});
    std::vector<ScoreRanks> ranks;
    ranks.reserve(n_classes);
    std::size_t next = 0;
    for (std::size_t k = 0; k < n_classes; ++k) {
        std::vector<ScoreRanks::Step> steps;
        steps.reserve(n_steps[k]);
        for (; steps.size() < n_steps[k]; ++next)
            steps.push_back({score[next], above[next], not_below[next]});
        check_steps(steps, k);
        ranks.emplace_back(std::move(steps));
    }
    return ranks;
}

class Tariff : public Classifier {
  public:
    Tariff(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        Signs const signs = signs_of(training.deaths, policy_);
        TariffOptions const options{
            .n_kept = static_cast<std::size_t>(parameters_.get<std::int64_t>("top")),
            .n_resamples = static_cast<std::size_t>(parameters_.get<std::int64_t>("resamples"))};
        table_ = tariff_table(count_endorsements(signs.answers, present, training.weights), options, random,
                              watcher);
        rank_training_deaths(signs.answers, present, training.weights);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        Signs const signs = signs_of(test.deaths, policy_);
        for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            put_row(prediction, i, causes_, probabilities(scores(signs.answers.row(i))));
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        parts.put<double>("tariffs", table_, {table_.size() / causes_.size(), causes_.size()});
        save_ranks(parts, ranks_);
        parts.put_number("half_death", half_death_);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        auto const table =
            parts.get<double>("tariffs", {number_of_signs(n_symptoms, policy_), causes_.size()});
        check_range("tariffs", table, Range{});
        table_.assign(table.begin(), table.end());
        ranks_ = load_ranks(parts, causes_.size());
        half_death_ = parts.number<double>("half_death");
        check_range("half_death", std::span<double const>(&half_death_, 1), {least_half_death, 0.5});
    }

  private:
    static constexpr double least_half_death = 1e-30;

    /// What all deaths of each class weigh.
    static std::vector<double> weight_of_classes(PresentCauses const& present,
                                                 std::span<double const> weights) {
        if (weights.empty()) return {present.counts.begin(), present.counts.end()};
        std::vector<double> sums(present.size(), 0.0);
        for (std::size_t i = 0; i < weights.size(); ++i) sums[present.class_of[i]] += weights[i];
        return sums;
    }

    void rank_training_deaths(va::AnswerMatrix const& signs, PresentCauses const& present,
                              std::span<double const> of_deaths) {
        std::size_t const n_deaths = present.class_of.size();
        std::size_t const n_classes = present.size();
        std::vector<std::vector<double>> of_class(n_classes);
        std::vector<double> const own = weight_of_classes(present, of_deaths);
        std::vector<double> weights;
        for (std::size_t i = 0; i < n_deaths; ++i) {
            std::vector<double> const of_death = scores(signs.row(i));
            for (std::size_t k = 0; k < n_classes; ++k) of_class[k].push_back(of_death[k]);
            double const weight = of_deaths.empty() ? 1 : of_deaths[i];
            weights.push_back(weight / (static_cast<double>(n_classes) * own[present.class_of[i]]));
        }
        ranks_.clear();
        for (auto const& of_one : of_class) ranks_.emplace_back(of_one, weights);
        auto const n_max = *std::max_element(present.counts.begin(), present.counts.end());
        half_death_ = 0.5 / static_cast<double>(n_classes * n_max);
    }

    [[nodiscard]] std::vector<double> scores(va::AnswerRow const& signs) const {
        std::vector<double> sums(causes_.size(), 0.0);
        for (std::size_t s = 0; s < signs.size(); ++s) {
            if (signs[s] != va::Answer::present) continue;
            for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += table_[s * sums.size() + k];
        }
        return sums;
    }

    [[nodiscard]] std::vector<double> probabilities(std::vector<double> const& scores) const {
        bool const is_undetermined = *std::max_element(scores.begin(), scores.end()) <= 0;
        double const last = 1 + 2 * half_death_;
        std::vector<double> shares;
        for (std::size_t k = 0; k < scores.size(); ++k) {
            double const rank = scores[k] > 0 ? ranks_[k].rank(scores[k]) + half_death_ : last;
            shares.push_back(is_undetermined ? 1 : 1 / rank);
        }
        double const sum = std::accumulate(shares.begin(), shares.end(), 0.0);
        for (double& share : shares) share /= sum;
        return shares;
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    std::vector<double> table_;          ///< tariffs, [n_signs][n_classes]
    std::vector<ScoreRanks> ranks_;      ///< [n_classes]
    double half_death_ = 0;              ///< half of the share of one death of a uniform sample
};

double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    auto const cells = static_cast<double>(size.n_symptoms) * static_cast<double>(size.n_causes);
    auto const resamples = static_cast<double>(parameters.get<std::int64_t>("resamples"));
    return 1e-3 + cells * (4e-8 * resamples + 2e-9 * static_cast<double>(size.n_train + size.n_test));
}

}  // namespace

Model tariff() {
    return {
        .name = "tariff",
        .doc = "Tariff 2.0: scores of causes, ranked among the training deaths",
        .parameters =
            {
                {.name = "top",
                 .standard = std::int64_t{40},
                 .doc = "signs of largest tariff that are kept for every cause [count]",
                 .bounds = {.at_least = 1, .at_most = 1000000}},
                {.name = "resamples",
                 .standard = std::int64_t{500},
                 .doc = "resamples behind the test of every tariff; 0: no test [count]",
                 .bounds = {.at_least = 0, .at_most = 1000000}},
            },
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<Tariff>(parameters, policy);
        },
        .load = loading<Tariff>(),
        .predicts = Predicts::each_death,
        .takes_weights = true,
    };
}

}  // namespace vaster::models
