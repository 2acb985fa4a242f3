#include "domains/va/study/ensemble.hpp"

#include <cmath>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

/// One death per row.
models::Prediction prediction(std::vector<std::vector<double>> const& rows, std::vector<double> csmf = {}) {
    models::Prediction result;
    result.n_deaths = rows.size();
    result.n_causes = rows.front().size();
    for (auto const& row : rows) result.probability.insert(result.probability.end(), row.begin(), row.end());
    result.csmf = std::move(csmf);
    return result;
}

models::Prediction vote_of(Vote vote, std::vector<double> const& weights,
                           std::vector<models::Prediction> const& members) {
    std::vector<models::Prediction const*> pointers;
    for (auto const& member : members) pointers.push_back(&member);
    return combine(vote, weights, pointers);
}

std::vector<double> weights_of(Vote vote, std::vector<OutOfFold> const& members) {
    std::vector<OutOfFold const*> pointers;
    for (auto const& member : members) pointers.push_back(&member);
    return weights_from(vote, pointers);
}

}  // namespace

TEST_CASE("an ensemble is read from one line", "[study][ensemble]") {
    auto const plain = parse_ensemble("vote = soft(xgboost, naive_bayes)", models::Catalogue());
    CHECK(plain.name == "vote");
    CHECK(plain.vote == Vote::soft);
    CHECK(plain.weighting == Weighting::none);
    CHECK(plain.members == std::vector<std::string>{"xgboost", "naive_bayes"});
    auto const weighted =
        parse_ensemble("  v-2.b=hard( insilico,xgboost ; weights=inner_cv )  ", models::Catalogue());
    CHECK(weighted.name == "v-2.b");
    CHECK(weighted.vote == Vote::hard);
    CHECK(weighted.weighting == Weighting::inner_cv);
    CHECK(weighted.members == std::vector<std::string>{"insilico", "xgboost"});
}

TEST_CASE("members weigh as the user says, in proportion", "[study][ensemble]") {
    auto const given = parse_ensemble("v = soft(xgboost, naive_bayes; weights = 2, 1)", models::Catalogue());
    CHECK(given.weighting == Weighting::given);
    REQUIRE(given.given.size() == 2);
    CHECK(fixed_weights(given) == given.given);
    CHECK(given.given[0] == Approx(2.0 / 3));
    CHECK(given.given[1] == Approx(1.0 / 3));
    auto const plain = parse_ensemble("v = soft(xgboost, naive_bayes; weights = none)", models::Catalogue());
    CHECK(fixed_weights(plain) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("each ensemble that cannot be read is named with what is wrong", "[study][ensemble]") {
    auto const problem = [](std::string const& text) {
        auto const problems = ensemble_problems({text}, models::Catalogue());
        return problems.empty() ? std::string() : problems.front();
    };
    CHECK_THAT(problem("vote"), Contains("it must be NAME = soft(MODEL, MODEL, ...)"));
    CHECK_THAT(problem("vote = median(xgboost, naive_bayes)"), Contains("it must be NAME = soft"));
    CHECK_THAT(problem("vote = soft(xgboost, naive_bayes"), Contains("it must be NAME = soft"));
    CHECK_THAT(problem("vote = soft(xgboost, oracle)"),
               Contains("'oracle' is not a model; models are: xgboost, insilico"));
    CHECK_THAT(problem("vote = soft(xgboost)"), Contains("one model is not an ensemble"));
    CHECK_THAT(problem("vote = soft(xgboost, xgboost)"), Contains("'xgboost' is a member twice"));
    CHECK_THAT(problem("xgboost = soft(xgboost, naive_bayes)"), Contains("is the name of a model"));
    CHECK_THAT(problem("a b = soft(xgboost, naive_bayes)"), Contains("letters, digits"));
    CHECK_THAT(problem("vote = soft(xgboost, naive_bayes; weights = best)"),
               Contains("weights = 'best' (must be none, inner_cv or a number above 0 for each member)"));
    for (std::string const wrong : {"2, 0", "2, -1", "2, nan", "2, inf", "2, 1x", "2,", "1e400, 1"})
        CHECK_THAT(problem(fmt::format("vote = soft(xgboost, naive_bayes; weights = {})", wrong)),
                   Contains("a number above 0 for each member"));
    CHECK_THAT(problem("vote = soft(xgboost, naive_bayes; weights = 2, 1, 1)"),
               Contains("has 3 numbers for 2 members"));
    auto const twice = ensemble_problems(
        {"v = soft(xgboost, naive_bayes)", "v = hard(xgboost, naive_bayes)", "w"}, models::Catalogue());
    REQUIRE(twice.size() == 2);
    CHECK_THAT(twice[0], Contains("v is listed twice"));
}

TEST_CASE("a soft vote is the weighted mean of probabilities and of own fractions", "[study][ensemble]") {
    auto const vote =
        vote_of(Vote::soft, {0.75, 0.25},
                {prediction({{0.8, 0.2}, {0.4, 0.6}}), prediction({{0, 1}, {0, 1}}, {0.4, 0.6})});
    CHECK(vote.probability[0] == Approx(0.6));
    CHECK(vote.probability[3] == Approx(0.7));
    CHECK(vote.csmf[0] == Approx(0.75 * 0.6 + 0.25 * 0.4));
    CHECK(vote.csmf[1] == Approx(0.75 * 0.4 + 0.25 * 0.6));
}

TEST_CASE("a hard vote counts top causes, and ties go to the more probable cause", "[study][ensemble]") {
    std::vector<double> const third(3, 1.0 / 3);
    auto const majority = vote_of(
        Vote::hard, third,
        {prediction({{0.5, 0.4, 0.1}}), prediction({{0.4, 0.5, 0.1}}), prediction({{0.5, 0.4, 0.1}})});
    CHECK(majority.probability[0] == Approx(2.0 / 3).margin(1e-5));
    CHECK(majority.probability[0] + majority.probability[1] + majority.probability[2] == Approx(1));
    CHECK(majority.csmf.empty());
    auto const tie = vote_of(
        Vote::hard, third,
        {prediction({{0.4, 0.3, 0.3}}), prediction({{0.1, 0.8, 0.1}}), prediction({{0.3, 0.3, 0.4}})});
    CHECK(tie.probability[1] > tie.probability[0]);
    CHECK(tie.probability[1] > tie.probability[2]);
    CHECK(tie.probability[1] == Approx(1.0 / 3).margin(1e-5));
}

TEST_CASE("soft weights make the log loss of the vote least", "[study][ensemble]") {
    std::vector<OutOfFold> const members{{{0.9, 0.7, 0.05, 0.6, 0.3}, 0.6},
                                         {{0.3, 0.2, 0.5, 0.4, 0.35}, 0.2}};
    auto const weights = weights_of(Vote::soft, members);
    auto const loss = [&](double w) {
        double sum = 0;
        for (std::size_t i = 0; i < 5; ++i)
            sum -= std::log(w * members[0].of_truth[i] + (1 - w) * members[1].of_truth[i]);
        return sum;
    };
    // scipy.optimize.minimize_scalar(loss, bounds=(0, 1), method='bounded', options={'xatol': 1e-12}).x
    CHECK(weights[0] == Approx(0.630088470955837).margin(1e-6));
    CHECK(weights[0] + weights[1] == Approx(1));
    for (double const w : {0.0, 0.25, 0.5, 1.0}) CHECK(loss(weights[0]) <= loss(w));
    // A member that is better at every death takes all; zeros are floored, not infinite.
    auto const all = weights_of(Vote::soft, {{{0.9, 0.8}, 1}, {{0.1, 0.0}, 0}});
    CHECK(all[0] == Approx(1).margin(1e-6));
}

TEST_CASE("hard weights are in proportion to accuracy", "[study][ensemble]") {
    CHECK(weights_of(Vote::hard, {{{1}, 0.75}, {{1}, 0.25}}) == std::vector<double>{0.75, 0.25});
    CHECK(weights_of(Vote::hard, {{{1}, 0}, {{1}, 0}}) == std::vector<double>{0.5, 0.5});
}
