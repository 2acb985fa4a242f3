#include "domains/va/models/random_forest.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "sample_cohort.hpp"

using namespace vaster;
using models::MissingPolicy;
using va::Answer;

namespace {

using Changes = std::vector<std::pair<char const*, Value>>;

Parameters with(Changes const& changes) {
    Parameters parameters(models::random_forest().parameters);
    parameters.set("trees", std::int64_t{20});
    for (auto const& [name, value] : changes) parameters.set(name, value);
    return parameters;
}

/// One tree on all deaths and all symptoms.
Parameters one_tree(Changes const& changes) {
    Parameters parameters = with(changes);
    parameters.set("trees", std::int64_t{1});
    parameters.set("draw", std::string("without_replacement"));
    parameters.set("features", 1.0);
    return parameters;
}

std::vector<double> probabilities(Parameters const& parameters, std::uint64_t seed = 1) {
    auto const training = testing::sample_cohort(200, 20, {0, 1, 3}, Random(1));
    auto const test = testing::sample_cohort(50, 20, {0, 1, 3}, Random(2));
    auto const classifier = models::random_forest().make(parameters, MissingPolicy::ordinal);
    Watcher watcher;
    classifier->fit(training.training(4), Random(seed), watcher);
    return testing::predicted(*classifier, test.deaths()).probability;
}

/// Deaths given as rows of text, A absent, P present, M missing, and their causes.
testing::SampleCohort cohort_of(std::vector<std::string> const& rows, std::vector<std::uint32_t> causes) {
    testing::SampleCohort cohort{va::AnswerMatrix(rows.size(), rows.front().size()), {}, std::move(causes)};
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        cohort.rows.push_back(i);
        for (std::size_t s = 0; s < rows[i].size(); ++s)
            cohort.answers.row(i)[s] = rows[i][s] == 'P'   ? Answer::present
                                       : rows[i][s] == 'M' ? Answer::missing
                                                           : Answer::absent;
    }
    return cohort;
}

/// P(cause 1) of deaths given as rows of text, by one tree.
std::vector<double> p_second(testing::SampleCohort const& training, std::vector<std::string> const& test,
                             MissingPolicy policy) {
    auto const classifier =
        testing::fitted(models::random_forest(), training.training(2), policy, one_tree({}));
    auto const asked = cohort_of(test, std::vector<std::uint32_t>(test.size()));
    auto const prediction = testing::predicted(*classifier, asked.deaths());
    std::vector<double> found;
    for (std::size_t i = 0; i < test.size(); ++i) found.push_back(prediction.of_death(i)[1]);
    return found;
}

}  // namespace

TEST_CASE("a single tree on all deaths and symptoms is scikit-learn's", "[models][random_forest][peer]") {
    auto const balanced = GENERATE(false, true);
    auto const training = testing::sample_cohort(600, 15, {0, 1, 3, 5}, Random(31));
    auto const test = testing::sample_cohort(200, 15, {0, 1, 2, 3, 4, 5}, Random(32));
    using testing::number_line;
    auto const peer = testing::ask_peer("decision_tree", training, test,
                                        number_line("max_depth", std::vector{6}) +
                                            number_line("min_leaf", std::vector{12}) +
                                            number_line("balanced", std::vector<int>{balanced}));
    if (!peer) return;
    for (auto const policy : {"absent", "ordinal"}) {
        auto const parameters = one_tree({{"max_depth", std::int64_t{6}},
                                          {"min_leaf", std::int64_t{12}},
                                          {"class_weight", std::string(balanced ? "balanced" : "none")}});
        auto const classifier = testing::fitted(models::random_forest(), training.training(6),
                                                models::missing_policy(policy), parameters);
        CAPTURE(balanced, policy);
        CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                          peer->at(policy)) < 1e-6);
    }
}

TEST_CASE("a single tree with weights of deaths is scikit-learn's",
          "[models][random_forest][weights][peer]") {
    auto const training = testing::sample_cohort(600, 15, {0, 1, 3, 5}, Random(33));
    auto const test = testing::sample_cohort(200, 15, {0, 1, 2, 3, 4, 5}, Random(34));
    std::vector<double> weights;
    Random random(35);
    for (std::size_t i = 0; i < 600; ++i) weights.push_back(0.05 + 4 * random.uniform());
    using testing::number_line;
    auto const peer = testing::ask_peer(
        "decision_tree", training, test,
        number_line("max_depth", std::vector{6}) + number_line("min_leaf", std::vector{12}) +
            number_line("balanced", std::vector{0}) + number_line("weights", weights));
    if (!peer) return;
    auto set = training.training(6);
    set.weights = weights;
    for (auto const policy : {"absent", "ordinal"}) {
        auto const classifier =
            testing::fitted(models::random_forest(), set, models::missing_policy(policy),
                            one_tree({{"max_depth", std::int64_t{6}}, {"min_leaf", std::int64_t{12}}}));
        CAPTURE(policy);
        CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                          peer->at(policy)) < 1e-6);
    }
}

TEST_CASE("a tree splits on although the first split lowers nothing", "[models][random_forest]") {
    auto const either_or = cohort_of({"AA", "AP", "PA", "PP"}, {0, 1, 1, 0});
    CHECK(p_second(either_or, {"AA", "AP", "PA", "PP", "MP"}, MissingPolicy::absent) ==
          std::vector<double>{0, 1, 1, 0, 1});
}

TEST_CASE("a tree sees missing answers as the policy says", "[models][random_forest]") {
    // Missing goes with cause 1, as present does.
    auto const with_present = cohort_of({"A", "A", "P", "M", "M"}, {0, 0, 1, 1, 1});
    CHECK(p_second(with_present, {"A", "P", "M"}, MissingPolicy::nan) == std::vector<double>{0, 1, 1});
    CHECK(p_second(with_present, {"A", "P", "M"}, MissingPolicy::ordinal) == std::vector<double>{0, 1, 1});
    CHECK(p_second(with_present, {"A", "P", "M"}, MissingPolicy::absent)[2] == Approx(0.5));
    // Missing goes with cause 0, as absent does: on one axis beyond present two splits are needed.
    auto const with_absent = cohort_of({"A", "P", "P", "M", "M"}, {0, 1, 1, 0, 0});
    CHECK(p_second(with_absent, {"A", "P", "M"}, MissingPolicy::nan) == std::vector<double>{0, 1, 0});
    CHECK(p_second(with_absent, {"A", "P", "M"}, MissingPolicy::ordinal) == std::vector<double>{0, 1, 0});
    // Not seen missing in training: to the side of greater weight.
    auto const never = cohort_of({"A", "P", "P"}, {0, 1, 1});
    CHECK(p_second(never, {"M"}, MissingPolicy::nan) == std::vector<double>{1});
}

TEST_CASE("leaves keep their least number of deaths", "[models][random_forest]") {
    auto const cohort = cohort_of({"A", "A", "A", "P"}, {0, 0, 0, 1});
    for (auto const& [least, expected] : {std::pair{1, 1.0}, std::pair{2, 0.25}}) {
        auto const classifier =
            testing::fitted(models::random_forest(), cohort.training(2), MissingPolicy::absent,
                            one_tree({{"min_leaf", std::int64_t{least}}}));
        CHECK(testing::predicted(*classifier, cohort.deaths()).of_death(3)[1] == Approx(expected));
    }
}

TEST_CASE("every parameter reaches the forest", "[models][random_forest]") {
    auto const before = probabilities(with({}));
    auto const changes = [&](char const* name, Value const& value) {
        return probabilities(with({{name, value}})) != before;
    };
    CHECK(changes("trees", std::int64_t{21}));
    CHECK(changes("max_depth", std::int64_t{2}));
    CHECK(changes("min_leaf", std::int64_t{5}));
    CHECK(changes("features", 0.9));
    CHECK(changes("sample", 0.5));
    CHECK(changes("draw", std::string("without_replacement")));
    CHECK(changes("class_weight", std::string("balanced")));
}

TEST_CASE("the stream decides the forest, and a larger forest begins with the smaller one",
          "[models][random_forest]") {
    CHECK(probabilities(with({}), 1) == probabilities(with({}), 1));
    CHECK(probabilities(with({}), 1) != probabilities(with({}), 2));
    auto const one = probabilities(with({{"trees", std::int64_t{1}}}));
    auto const two = probabilities(with({{"trees", std::int64_t{2}}}));
    for (std::size_t i = 0; i < one.size(); ++i) {
        double const second_tree = 2 * two[i] - one[i];
        CHECK((second_tree > -1e-6 && second_tree < 1 + 1e-6));
    }
}

TEST_CASE("a forest stops between trees when its watcher says so", "[models][random_forest]") {
    auto const cohort = testing::sample_cohort(60, 6, {0, 1}, Random(3));
    auto const classifier = models::random_forest().make(with({}), MissingPolicy::absent);
    testing::CountingWatcher watcher(5);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), watcher), Cancelled);
    CHECK(watcher.last_fraction == Approx(0.25));
}

TEST_CASE("a forest is the same whatever the number of threads", "[models][random_forest][threads]") {
    auto const cohort = testing::sample_cohort(500, 12, {0, 1, 3}, Random(3));
    auto const parameters = with({{"trees", std::int64_t{700}}, {"min_leaf", std::int64_t{5}}});
    auto const kept = [&](std::size_t n_threads) {
        return testing::kept_with_threads(models::random_forest(), cohort.training(4), parameters, n_threads);
    };
    auto const one = kept(1);
    CHECK((one == kept(2)));
    CHECK((one == kept(8)));
}
