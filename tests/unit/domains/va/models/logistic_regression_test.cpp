#include "domains/va/models/logistic_regression.hpp"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;

namespace {

Parameters with(std::initializer_list<std::pair<char const*, Value>> values) {
    Parameters parameters(models::logistic_regression().parameters);
    for (auto const& [name, value] : values) parameters.set(name, value);
    return parameters;
}

models::Prediction trained_and_predicted(testing::SampleCohort const& cohort, Parameters const& parameters) {
    auto const classifier =
        testing::fitted(models::logistic_regression(), cohort.training(6), MissingPolicy::absent, parameters);
    return testing::predicted(*classifier, cohort.deaths());
}

}  // namespace

TEST_CASE("logistic regression agrees with scikit-learn to 1e-4 by default, to 1e-7 when asked",
          "[models][logistic_regression][peer]") {
    auto const balanced = GENERATE(false, true);
    auto const c = GENERATE(1.0, 0.03);
    CAPTURE(balanced, c);
    auto const training = testing::sample_cohort(250, 40, {0, 1, 3, 5}, Random(21));
    auto const test = testing::sample_cohort(50, 40, {0, 1, 2, 3, 4, 5}, Random(22));
    using testing::number_line;
    auto const peer = testing::ask_peer(
        "logistic_regression", training, test,
        number_line("C", std::vector{c}) + number_line("balanced", std::vector<int>{balanced}) +
            number_line("policies", std::vector{0, 1, 2}) + number_line("tolerance", std::vector{1e-7}));
    if (!peer) return;
    for (auto const& policy : models::missing_policy_names())
        for (double const tolerance : {1e-4, 1e-8}) {
            CAPTURE(policy, tolerance);
            auto const parameters = with({{"C", c},
                                          {"class_weight", std::string(balanced ? "balanced" : "none")},
                                          {"tolerance", tolerance}});
            auto const classifier = testing::fitted(models::logistic_regression(), training.training(6),
                                                    models::missing_policy(policy), parameters);
            CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                              peer->at(policy)) < (tolerance < 1e-6 ? 1e-7 : 1e-4));
        }
}

TEST_CASE("logistic regression of answers that say nothing gives the weighted cause fractions",
          "[models][logistic_regression]") {
    // Every death has the same answers, so that only the intercepts, which are not penalised, can speak.
    testing::SampleCohort cohort{va::AnswerMatrix(100, 3), {}, {}};
    for (std::uint32_t i = 0; i < 100; ++i) {
        cohort.rows.push_back(i);
        cohort.causes.push_back(i % 10 == 0 ? 4 : 1);
    }
    auto const p_rare = [&](char const* weight) {
        return trained_and_predicted(cohort, with({{"class_weight", std::string(weight)}, {"C", 1e-3}}))
            .of_death(0)[4];
    };
    CHECK(p_rare("none") == Approx(0.1).epsilon(1e-4));
    CHECK(p_rare("balanced") == Approx(0.5).epsilon(1e-4));
}

TEST_CASE("a stronger penalty keeps probabilities nearer to the cause fractions",
          "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(200, 10, {0, 1, 2}, Random(5));
    double spread_before = 1;
    for (double const c : {10.0, 0.1, 1e-3}) {
        auto const prediction = trained_and_predicted(cohort, with({{"C", c}}));
        double spread = 0;
        for (std::size_t i = 0; i < 200; ++i)
            spread = std::max(spread, std::abs(prediction.of_death(i)[0] - prediction.of_death(0)[0]));
        CHECK(spread < spread_before);
        spread_before = spread;
    }
    CHECK(spread_before < 0.1);
}

TEST_CASE("a logistic regression that has not converged is an error that says what to do",
          "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(100, 20, {0, 1, 2}, Random(6));
    try {
        (void)trained_and_predicted(cohort, with({{"max_iterations", std::int64_t{2}}}));
        FAIL("accepted");
    } catch (ModelError const& error) {
        std::string const text = error.what();
        CAPTURE(text);
        CHECK(text.find("not converged after 2 iterations") != std::string::npos);
        CHECK(text.find("raise models.logistic_regression.max_iterations") != std::string::npos);
    }
}

TEST_CASE("logistic regression stops when its watcher says so", "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(60, 6, {0, 1}, Random(3));
    auto const classifier = models::logistic_regression().make(with({}), MissingPolicy::absent);
    testing::CountingWatcher watcher(3);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), watcher), Cancelled);
    CHECK(watcher.asked == 4);
}
