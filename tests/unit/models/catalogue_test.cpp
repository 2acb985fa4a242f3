#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "sample_cohort.hpp"
#include "vaster/models/features.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;

TEST_CASE("every model of the catalogue is found by its name, and no other", "[models][catalogue]") {
    std::set<std::string> names;
    for (auto const& model : models::catalogue()) {
        CHECK(models::find(model.name) == &model);
        CHECK(names.insert(model.name).second);
        CHECK_FALSE(model.doc.empty());
    }
    CHECK(names.contains("xgboost"));
    CHECK(names.contains("naive_bayes"));
    CHECK(models::find("no such model") == nullptr);
    CHECK(models::find("") == nullptr);
}

TEST_CASE("every declared default obeys its own declaration", "[models][catalogue]") {
    for (auto const& model : models::catalogue())
        for (auto const& parameter : model.parameters) {
            CAPTURE(model.name, parameter.name);
            CHECK(problem_of(parameter, parameter.standard).empty());
            CHECK_FALSE(parameter.doc.empty());
        }
}

TEST_CASE("every model expects positive seconds, more for more deaths", "[models][catalogue]") {
    for (auto const& model : models::catalogue()) {
        CAPTURE(model.name);
        Parameters const parameters(model.parameters);
        double const small = model.expected_seconds(parameters, {100, 25, 168, 34});
        double const large = model.expected_seconds(parameters, {5000, 1250, 168, 34});
        CHECK(small > 0);
        CHECK(large > small);
    }
}

TEST_CASE("missing policies have names", "[models][catalogue]") {
    CHECK(models::missing_policy("absent") == MissingPolicy::absent);
    CHECK(models::missing_policy("nan") == MissingPolicy::nan);
    CHECK(models::missing_policy("ordinal") == MissingPolicy::ordinal);
    CHECK_THROWS_AS(models::missing_policy("zero"), std::logic_error);
}

TEST_CASE("answers become numbers by the missing policy, in the order of the rows", "[models][features]") {
    using table::Answer;
    table::AnswerMatrix answers(2, 3);
    std::ranges::copy(std::vector{Answer::absent, Answer::present, Answer::missing}, answers.row(0).begin());
    std::ranges::copy(std::vector{Answer::missing, Answer::absent, Answer::present}, answers.row(1).begin());
    std::vector<std::uint32_t> const rows{1, 0};
    models::Deaths const deaths{answers, rows};
    CHECK(models::feature_matrix(deaths, MissingPolicy::absent) == std::vector<float>{0, 0, 1, 0, 1, 0});
    CHECK(models::feature_matrix(deaths, MissingPolicy::ordinal) == std::vector<float>{2, 0, 1, 0, 1, 2});
    auto const with_nan = models::feature_matrix(deaths, MissingPolicy::nan);
    CHECK(std::isnan(with_nan[0]));
    CHECK(std::isnan(with_nan[5]));
    CHECK(with_nan[2] == 1);
}

TEST_CASE("classes are the causes that occur, in order", "[models][features]") {
    table::AnswerMatrix const answers(4, 1);
    std::vector<std::uint32_t> const rows{0, 1, 2, 3};
    std::vector<std::uint32_t> const causes{5, 2, 5, 0};
    auto const present = models::present_causes({{answers, rows}, causes, 7});
    CHECK(present.causes == std::vector<std::uint32_t>{0, 2, 5});
    CHECK(present.counts == std::vector<std::size_t>{1, 1, 2});
    CHECK(present.class_of == std::vector<std::uint32_t>{2, 1, 2, 0});
}

TEST_CASE("nothing to learn from is a model error with a reason", "[models][features]") {
    table::AnswerMatrix const answers(1, 1);
    table::AnswerMatrix const no_symptoms(0);
    std::vector<std::uint32_t> const one{0};
    CHECK_THROWS_AS(models::present_causes({{answers, {}}, {}, 3}), ModelError);
    CHECK_THROWS_AS(models::present_causes({{no_symptoms, one}, one, 3}), ModelError);
}

TEST_CASE("every model gives distributions over the causes it was trained on, the same every time",
          "[models][catalogue]") {
    auto const training = testing::sample_cohort(150, 12, {1, 2, 4}, Random(1));
    auto const test = testing::sample_cohort(40, 12, {0, 1, 2, 3, 4}, Random(2));
    for (char const* name : {"xgboost", "naive_bayes"})
        for (auto const policy : {MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal}) {
            CAPTURE(name, static_cast<int>(policy));
            auto const& model = *models::find(name);
            Parameters const parameters(model.parameters);
            auto const classifier = testing::fitted(model, training.training(6), policy, parameters);
            auto const prediction = testing::predicted(*classifier, test.deaths());
            REQUIRE(prediction.n_deaths == 40);
            REQUIRE(prediction.n_causes == 6);
            REQUIRE(prediction.probability.size() == 240);
            for (std::size_t i = 0; i < 40; ++i) {
                auto const row = prediction.of_death(i);
                CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(1).epsilon(1e-12));
                CHECK(row[0] + row[3] + row[5] == 0);
                CHECK(*std::min_element(row.begin(), row.end()) >= 0);
            }
            auto const again = testing::fitted(model, training.training(6), policy, parameters);
            CHECK(testing::predicted(*again, test.deaths()).probability == prediction.probability);
            CHECK(testing::predicted(*classifier, {test.answers, {}}).probability.empty());
        }
}

TEST_CASE("every model trained on one cause is sure of it", "[models][catalogue]") {
    auto const training = testing::sample_cohort(5, 4, {2}, Random(1));
    for (char const* name : {"xgboost", "naive_bayes"}) {
        CAPTURE(name);
        auto const& model = *models::find(name);
        auto const classifier =
            testing::fitted(model, training.training(4), MissingPolicy::absent, Parameters(model.parameters));
        auto const prediction = testing::predicted(*classifier, training.deaths());
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(std::ranges::equal(prediction.of_death(i), std::vector<double>{0, 0, 1, 0}));
    }
}
