#include "domains/va/models/tariff.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "domains/va/models/features.hpp"
#include "domains/va/models/probabilities.hpp"
#include "domains/va/models/signs.hpp"
#include "domains/va/models/tariff_table.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

/// What share of the training deaths has a score, and a higher one.
class ScoreRanks {
  public:
    /// @param scores   of the training deaths for one cause
    /// @param weights  of the training deaths, sum 1
    ScoreRanks(std::vector<double> const& scores, std::vector<double> const& weights) {
        std::vector<std::size_t> order(scores.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t i, std::size_t j) { return scores[i] > scores[j]; });
        double above = 0;
        for (std::size_t const i : order) {
            if (steps_.empty() || steps_.back().score != scores[i])
                steps_.push_back({scores[i], above, above});
            above += weights[i];
            steps_.back().not_below = above;
        }
    }

    /// Share of higher scores and half of that of equal ones.
    [[nodiscard]] double rank(double score) const {
        auto const step = std::lower_bound(steps_.begin(), steps_.end(), score,
                                           [](Step const& one, double value) { return one.score > value; });
        if (step == steps_.end()) return 1;
        if (step->score != score) return step->above;
        return step->above + (step->not_below - step->above) / 2;
    }

  private:
    struct Step {
        double score;
        double above;      ///< share of deaths with a higher score
        double not_below;  ///< with this score or a higher one
    };

    std::vector<Step> steps_;  ///< falling scores
};

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
        table_ = tariff_table(count_endorsements(signs.answers, present), options, random, watcher);
        rank_training_deaths(signs.answers, present);
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

  private:
    void rank_training_deaths(va::AnswerMatrix const& signs, PresentCauses const& present) {
        std::size_t const n_deaths = present.class_of.size();
        std::size_t const n_classes = present.size();
        std::vector<std::vector<double>> of_class(n_classes);
        std::vector<double> weights;
        for (std::size_t i = 0; i < n_deaths; ++i) {
            std::vector<double> const of_death = scores(signs.row(i));
            for (std::size_t k = 0; k < n_classes; ++k) of_class[k].push_back(of_death[k]);
            auto const n_own = static_cast<double>(present.counts[present.class_of[i]]);
            weights.push_back(1 / (static_cast<double>(n_classes) * n_own));
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
    };
}

}  // namespace vaster::models
