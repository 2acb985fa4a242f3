#include "domains/va/models/random_forest.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "domains/va/models/classification_tree.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/probabilities.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

using va::Answer;

Answer coded(Answer answer, MissingPolicy policy) {
    return answer == Answer::missing && policy == MissingPolicy::absent ? Answer::absent : answer;
}

TreeData tree_data(Deaths const& deaths, PresentCauses const& present, MissingPolicy policy) {
    TreeData data{
        deaths.rows.size(), deaths.answers.n_columns(), present.size(), {}, present.class_of, policy};
    data.answers.resize(data.n_deaths * data.n_symptoms);
    for (std::size_t i = 0; i < data.n_deaths; ++i) {
        auto const row = deaths.answers.row(deaths.rows[i]);
        for (std::size_t s = 0; s < data.n_symptoms; ++s)
            data.answers[s * data.n_deaths + i] = static_cast<std::uint8_t>(coded(row[s], policy));
    }
    return data;
}

/// How the deaths of a tree are drawn.
struct Sample {
    double share = 1;
    bool is_with_replacement = true;
};

/// How often each of n deaths is in a sample.
std::vector<std::uint32_t> draw(std::size_t n, Sample const& sample, Random& random) {
    auto const n_drawn = std::max(
        std::size_t{1}, static_cast<std::size_t>(std::llround(sample.share * static_cast<double>(n))));
    std::vector<std::uint32_t> multiplicity(n, 0);
    if (sample.is_with_replacement) {
        for (std::size_t k = 0; k < n_drawn; ++k) ++multiplicity[random.below(n)];
        return multiplicity;
    }
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t k = 0; k < n_drawn; ++k) {
        std::swap(order[k], order[k + random.below(n - k)]);
        multiplicity[order[k]] = 1;
    }
    return multiplicity;
}

class RandomForest : public Classifier {
  public:
    RandomForest(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        TreeData const data = tree_data(training.deaths, present, policy_);
        TreeOptions const options = tree_options(data.n_symptoms, present);
        Sample const sample{parameters_.get<double>("sample"),
                            parameters_.get<std::string>("draw") == "with_replacement"};
        auto const n_trees = static_cast<std::size_t>(parameters_.get<std::int64_t>("trees"));
        trees_.clear();
        trees_.reserve(n_trees);
        while (trees_.size() < n_trees) {
            if (watcher.stop_requested()) throw Cancelled{};
            Random of_tree(random());
            auto const multiplicity = draw(data.n_deaths, sample, of_tree);
            trees_.emplace_back(data, multiplicity, options, of_tree);
            watcher.on_progress(static_cast<double>(trees_.size()) / static_cast<double>(n_trees));
        }
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!trees_.empty());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        std::vector<Answer> answers(test.deaths.answers.n_columns());
        std::vector<double> votes(causes_.size());
        for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            std::ranges::transform(test.deaths.answers.row(test.deaths.rows[i]), answers.begin(),
                                   [&](Answer answer) { return coded(answer, policy_); });
            std::fill(votes.begin(), votes.end(), 0.0);
            for (auto const& tree : trees_)
                for (auto const& [k, share] : tree.leaf(answers)) votes[k] += static_cast<double>(share);
            double const sum = std::accumulate(votes.begin(), votes.end(), 0.0);
            for (double& vote : votes) vote /= sum;
            put_row(prediction, i, causes_, votes);
        }
        return prediction;
    }

  private:
    [[nodiscard]] TreeOptions tree_options(std::size_t n_symptoms, PresentCauses const& present) const {
        auto const share = parameters_.get<double>("features");
        auto const n = static_cast<double>(n_symptoms);
        double const tried = share > 0 ? share * n : std::sqrt(n);
        return {.max_depth = static_cast<std::size_t>(parameters_.get<std::int64_t>("max_depth")),
                .min_leaf = static_cast<std::size_t>(parameters_.get<std::int64_t>("min_leaf")),
                .n_symptoms_tried = std::max(std::size_t{1}, static_cast<std::size_t>(tried)),
                .class_weights = class_weights(present, parameters_.get<std::string>("class_weight"))};
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    std::vector<ClassificationTree> trees_;
};

std::vector<Parameter> declared_parameters() {
    return {
        {.name = "trees",
         .standard = std::int64_t{500},
         .doc = "trees of the forest",
         .bounds = {.at_least = 1, .at_most = 100000}},
        {.name = "max_depth",
         .standard = std::int64_t{0},
         .doc = "depth of a tree [levels]; 0: no limit",
         .bounds = {.at_least = 0, .at_most = 100000}},
        {.name = "min_leaf",
         .standard = std::int64_t{1},
         .doc = "deaths that a leaf must have at least",
         .bounds = {.at_least = 1, .at_most = 1000000}},
        {.name = "features",
         .standard = 0.0,
         .doc = "share of the symptoms tried at a split; 0: the square root of their number",
         .bounds = {.at_least = 0, .at_most = 1}},
        {.name = "sample",
         .standard = 1.0,
         .doc = "deaths drawn for each tree, as a share of the training deaths",
         .bounds = {.above = 0, .at_most = 1}},
        {.name = "draw",
         .standard = std::string("with_replacement"),
         .doc = "how the deaths of a tree are drawn",
         .choices = {"with_replacement", "without_replacement"}},
        class_weight_parameter("none"),
    };
}

double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    auto const trees = static_cast<double>(parameters.get<std::int64_t>("trees"));
    auto const n_train = static_cast<double>(size.n_train);
    return 1e-3 + trees * (5e-7 * n_train + 2e-7 * static_cast<double>(size.n_test));
}

}  // namespace

Model random_forest() {
    return {
        .name = "random_forest",
        .doc = "random forest of classification trees",
        .parameters = declared_parameters(),
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<RandomForest>(parameters, policy);
        },
    };
}

}  // namespace vaster::models
