#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "domains/va/models/features.hpp"
#include "domains/va/models/naive_bayes.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;

namespace {

/// InSilicoVA, which samples, has tests of its own.
constexpr std::array quick_models{"xgboost",     "random_forest", "logistic_regression",
                                  "naive_bayes", "tariff",        "interva"};

/// The defaults, but a forest of few trees.
Parameters quick_parameters(models::Model const& model) {
    Parameters parameters(model.parameters);
    if (model.name == "random_forest") parameters.set("trees", std::int64_t{20});
    return parameters;
}

models::Model renamed(std::string name) {
    models::Model model = models::naive_bayes();
    model.name = std::move(name);
    return model;
}

}  // namespace

TEST_CASE("every model of the catalogue is found by its name, and no other", "[models][catalogue]") {
    models::Catalogue const catalogue;
    std::set<std::string> names;
    for (auto const& model : catalogue.all()) {
        CHECK(catalogue.find(model.name) == &model);
        CHECK(&catalogue.at(model.name) == &model);
        CHECK(names.insert(model.name).second);
        CHECK_FALSE(model.doc.empty());
    }
    CHECK(catalogue.names() == std::vector<std::string>{"xgboost", "insilico", "random_forest",
                                                        "logistic_regression", "naive_bayes", "tariff",
                                                        "interva", "lcva"});
    CHECK(catalogue.find("no such model") == nullptr);
    CHECK(catalogue.find("") == nullptr);
    CHECK_THROWS_WITH(catalogue.at("no such model"), "there is no model 'no such model'");
}

TEST_CASE("models of a program's own come after those of vaster", "[models][catalogue]") {
    models::Catalogue const catalogue({renamed("nearest"), renamed("nearest_2")});
    REQUIRE(catalogue.all().size() == 10);
    CHECK(catalogue.names()[8] == "nearest");
    CHECK(catalogue.at("nearest_2").doc == models::naive_bayes().doc);
}

TEST_CASE("a model is refused whose name is taken or is not a name", "[models][catalogue]") {
    using Catch::Matchers::Contains;
    auto const refused_as = [](std::vector<models::Model> own) {
        try {
            models::Catalogue const catalogue(std::move(own));
        } catch (std::logic_error const& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK_THAT(refused_as({renamed("xgboost")}), Contains("there are two models named 'xgboost'"));
    CHECK_THAT(refused_as({renamed("mine"), renamed("mine")}), Contains("there are two models named 'mine'"));
    for (auto const* name : {"", "My_model", "my model", "a.b", "a23456789012345678901234567890123"})
        CHECK_THAT(refused_as({renamed(name)}), Contains("must be 1 to 32 of a-z, 0-9 and _"));
    CHECK(refused_as({renamed("a2345678901234567890123456789012")}).empty());
    models::Model without_make = renamed("mine");
    without_make.make = nullptr;
    CHECK_THAT(refused_as({without_make}), Contains("model 'mine' lacks its function make"));
    models::Model without_guess = renamed("mine");
    without_guess.expected_seconds = nullptr;
    CHECK_THAT(refused_as({without_guess}), Contains("model 'mine' lacks its function expected_seconds"));
}

TEST_CASE("every declared default obeys its own declaration", "[models][catalogue]") {
    models::Catalogue const catalogue;
    for (auto const& model : catalogue.all())
        for (auto const& parameter : model.parameters) {
            CAPTURE(model.name, parameter.name);
            CHECK(problem_of(parameter, parameter.standard).empty());
            CHECK_FALSE(parameter.doc.empty());
        }
}

TEST_CASE("every model expects positive seconds, more for more deaths", "[models][catalogue]") {
    models::Catalogue const catalogue;
    for (auto const& model : catalogue.all()) {
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
    using va::Answer;
    va::AnswerMatrix answers(2, 3);
    std::ranges::copy(std::vector{Answer::absent, Answer::present, Answer::missing}, answers.row(0).begin());
    std::ranges::copy(std::vector{Answer::missing, Answer::absent, Answer::present}, answers.row(1).begin());
    std::vector<std::uint32_t> const rows{1, 0};
    models::Deaths const deaths{answers, rows};
    using models::AnswerCodes;
    AnswerCodes const absent = models::answer_codes(deaths, MissingPolicy::absent);
    CHECK(absent.n_rows() == 2);
    CHECK(absent.n_columns == 3);
    CHECK(absent.values == std::vector<std::uint8_t>{0, 0, 1, 0, 1, 0});
    AnswerCodes const ordinal = models::answer_codes(deaths, MissingPolicy::ordinal);
    CHECK(ordinal.values == std::vector<std::uint8_t>{2, 0, 1, 0, 1, 2});
    CHECK(ordinal.two == AnswerCodes::Two::number);
    AnswerCodes const nan = models::answer_codes(deaths, MissingPolicy::nan);
    CHECK(nan.values == ordinal.values);
    CHECK(nan.two == AnswerCodes::Two::hole);
}

TEST_CASE("classes are the causes that occur, in order", "[models][features]") {
    va::AnswerMatrix const answers(4, 1);
    std::vector<std::uint32_t> const rows{0, 1, 2, 3};
    std::vector<std::uint32_t> const causes{5, 2, 5, 0};
    auto const present = models::present_causes({{answers, rows}, causes, 7});
    CHECK(present.causes == std::vector<std::uint32_t>{0, 2, 5});
    CHECK(present.counts == std::vector<std::size_t>{1, 1, 2});
    CHECK(present.class_of == std::vector<std::uint32_t>{2, 1, 2, 0});
}

TEST_CASE("nothing to learn from is a model error with a reason", "[models][features]") {
    va::AnswerMatrix const answers(1, 1);
    va::AnswerMatrix const no_symptoms(0);
    std::vector<std::uint32_t> const one{0};
    CHECK_THROWS_AS(models::present_causes({{answers, {}}, {}, 3}), ModelError);
    CHECK_THROWS_AS(models::present_causes({{no_symptoms, one}, one, 3}), ModelError);
}

TEST_CASE("every model gives distributions over the causes it was trained on, the same every time",
          "[models][catalogue]") {
    auto const training = testing::sample_cohort(150, 12, {1, 2, 4}, Random(1));
    auto const test = testing::sample_cohort(40, 12, {0, 1, 2, 3, 4}, Random(2));
    for (char const* name : quick_models)
        for (auto const policy : {MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal}) {
            CAPTURE(name, static_cast<int>(policy));
            auto const model = models::Catalogue().at(name);
            Parameters const parameters = quick_parameters(model);
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
    for (char const* name : quick_models) {
        CAPTURE(name);
        auto const model = models::Catalogue().at(name);
        auto const classifier =
            testing::fitted(model, training.training(4), MissingPolicy::absent, quick_parameters(model));
        auto const prediction = testing::predicted(*classifier, training.deaths());
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(std::ranges::equal(prediction.of_death(i), std::vector<double>{0, 0, 1, 0}));
    }
}

TEST_CASE("every model copes with one test death and with deaths whose answers are all missing",
          "[models][catalogue]") {
    auto const training = testing::sample_cohort(80, 6, {0, 2}, Random(1));
    va::AnswerMatrix const missing(1, 6);
    std::vector<std::uint32_t> const row{0};
    for (char const* name : quick_models)
        for (auto const policy : {MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal}) {
            CAPTURE(name, static_cast<int>(policy));
            auto const model = models::Catalogue().at(name);
            auto const classifier =
                testing::fitted(model, training.training(3), policy, quick_parameters(model));
            auto const prediction = testing::predicted(*classifier, {missing, row});
            REQUIRE(prediction.probability.size() == 3);
            CHECK(prediction.probability[0] + prediction.probability[2] == Approx(1).epsilon(1e-12));
            CHECK(prediction.probability[1] == 0);
            for (double const p : prediction.probability) CHECK((p >= 0 && p <= 1));
        }
}

TEST_CASE("every model learns from deaths whose answers are all missing", "[models][catalogue]") {
    // Nothing tells the causes apart: every death gets the same probabilities.
    va::AnswerMatrix const missing(6, 3);
    std::vector<std::uint32_t> const rows{0, 1, 2, 3, 4, 5};
    std::vector<std::uint32_t> const causes{0, 1, 1, 1, 0, 1};
    for (char const* name : quick_models)
        for (auto const policy : {MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal}) {
            CAPTURE(name, static_cast<int>(policy));
            auto const model = models::Catalogue().at(name);
            auto const classifier =
                testing::fitted(model, {{missing, rows}, causes, 2}, policy, quick_parameters(model));
            auto const prediction = testing::predicted(*classifier, {missing, rows});
            for (std::size_t i = 0; i < 6; ++i) {
                CHECK(prediction.of_death(i)[0] == prediction.of_death(0)[0]);
                CHECK(std::isfinite(prediction.of_death(i)[0]));
            }
        }
}
