// Training sets that are learned from by several threads.
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "domains/va/models/softmax_gradients.hpp"
#include "domains/va/models/xgboost.hpp"
#include "domains/va/models/xgboost_handles.hpp"
#include "domains/va/models/xgboost_trees.hpp"
#include "sample_cohort.hpp"

using namespace vaster;
using models::MissingPolicy;
namespace xgb = models::xgb;

namespace {

using Changes = std::vector<std::pair<char const*, Value>>;

Parameters with(Changes const& changes) {
    Parameters parameters(models::xgboost().parameters);
    parameters.set("rounds", std::int64_t{4});
    for (auto const& [name, value] : changes) parameters.set(name, value);
    return parameters;
}

/// Just large enough.
testing::SampleCohort const& large_cohort() {
    constexpr std::size_t n_symptoms = 64;
    static auto const cohort =
        testing::sample_cohort(models::xgboost_large / n_symptoms, n_symptoms, {0, 1, 3, 4}, Random(5));
    return cohort;
}

void check_threads(models::TrainingSet const& training, Parameters const& parameters) {
    auto const kept = [&](std::size_t n_threads) {
        return testing::kept_with_threads(models::xgboost(), training, parameters, n_threads);
    };
    auto const one = kept(1);
    CHECK((one == kept(2)));
    CHECK((one == kept(8)));
}

/// Weights of very different sizes.
std::vector<double> odd_weights(std::size_t n) {
    Random random(9);
    std::vector<double> weights(n);
    for (auto& weight : weights) weight = std::pow(10.0, 8 * random.uniform() - 4);
    return weights;
}

double sum_of(std::vector<float> const& all, std::size_t n_classes, std::size_t k, std::size_t n_parts) {
    std::vector<double> parts(n_parts, 0.0);
    for (std::size_t i = k; i < all.size(); i += n_classes)
        parts[i * n_parts / all.size()] += static_cast<double>(all[i]);
    return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace

TEST_CASE("what is learned from a large training set does not depend on the number of threads",
          "[models][xgboost][threads]") {
    auto const& cohort = large_cohort();
    auto training = cohort.training(5);
    SECTION("by default") {
        check_threads(training, with({}));
    }
    SECTION("from drawn deaths and symptoms") {
        check_threads(training, with({{"subsample", 0.6}, {"colsample_bytree", 0.4}}));
    }
    SECTION("from deaths with weights") {
        auto const weights = odd_weights(cohort.rows.size());
        training.weights = weights;
        check_threads(training, with({{"max_depth", std::int64_t{10}}, {"min_child_weight", 1e-3}}));
    }
    SECTION("with splits searched on all values") {
        check_threads(training, with({{"tree_method", std::string("exact")}, {"rounds", std::int64_t{1}}}));
    }
    SECTION("with splits searched anew for every tree") {
        check_threads(training, with({{"tree_method", std::string("approx")}, {"rounds", std::int64_t{2}}}));
    }
}

TEST_CASE("a small training set is learned from as ever", "[models][xgboost][threads]") {
    auto const cohort = testing::sample_cohort(300, 20, {0, 1, 3}, Random(1));
    check_threads(cohort.training(4), with({}));
}

TEST_CASE("gradients are those of the library, to the last bit", "[models][xgboost][threads]") {
    constexpr std::size_t n_classes = 3;
    auto const cohort = testing::sample_cohort(400, 20, {0, 1, 2}, Random(2));
    std::vector<float> weights;
    if (GENERATE(false, true))
        for (std::size_t i = 0; i < cohort.rows.size(); ++i)
            weights.push_back(0.5F + static_cast<float>(i % 7));
    auto const matrix = xgb::make_matrix(models::answer_codes(cohort.deaths(), MissingPolicy::ordinal));
    xgb::set_info(matrix, "label", std::vector<float>(cohort.causes.begin(), cohort.causes.end()));
    if (!weights.empty()) xgb::set_info(matrix, "weight", weights);
    xgb::Settings const settings{{"objective", "multi:softprob"},
                                 {"num_class", fmt::format("{}", n_classes)},
                                 {"tree_method", "hist"},
                                 {"nthread", "1"},
                                 {"subsample", "0.8"},
                                 {"seed", "3"}};
    auto const theirs = xgb::make_booster(matrix, settings);
    auto const ours = xgb::make_booster(matrix, settings);
    xgb::SoftmaxGradients gradients(cohort.causes, weights, n_classes);
    for (int round = 0; round < 12; ++round) xgb::boost_round(theirs, matrix, round);
    for (int round = 0; round < 12; ++round) {
        gradients.compute(xgb::training_scores(ours, matrix), 1);
        xgb::boost_round(ours, matrix, round, gradients.first(), gradients.second());
    }
    CHECK((xgb::as_ubj(theirs) == xgb::as_ubj(ours)));
}

TEST_CASE("sums of gradients need no rounding, in whatever order", "[models][xgboost][threads]") {
    constexpr std::size_t n_classes = 7;
    constexpr std::size_t n_deaths = 20'000;
    Random random(4);
    std::vector<std::uint32_t> classes(n_deaths);
    for (auto& one : classes) one = static_cast<std::uint32_t>(random.below(n_classes));
    std::vector<float> scores(n_deaths * n_classes);
    for (auto& score : scores) score = static_cast<float>(24 * random.uniform() - 12);
    auto const weights = odd_weights(n_deaths);
    xgb::SoftmaxGradients gradients(classes, {weights.begin(), weights.end()}, n_classes);
    gradients.compute(scores, 1);
    auto const first = gradients.first();
    auto const second = gradients.second();
    for (auto const* all : {&first, &second}) {
        for (float const value : *all) {
            double const multiple = static_cast<double>(value) / gradients.unit();
            REQUIRE(multiple == std::nearbyint(multiple));
        }
        for (std::size_t k = 0; k < n_classes; ++k)
            for (std::size_t const n_parts : {2U, 7U, 64U, 1000U})
                CHECK(sum_of(*all, n_classes, k, 1) == sum_of(*all, n_classes, k, n_parts));
    }
    gradients.compute(scores, 5);
    CHECK((gradients.first() == first));
    CHECK((gradients.second() == second));
}
