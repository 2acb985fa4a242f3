#include "domains/va/models/boosted_trees.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "kept_models.hpp"

using namespace vaster;
using models::MissingPolicy;

namespace {

/// The deaths of a batch for which `holds(answer)` is true, one by one.
template <class Holds>
models::DeathSet one_by_one(models::Deaths const& deaths, std::size_t symptom, Holds holds) {
    models::DeathSet set = 0;
    for (std::size_t i = 0; i < deaths.rows.size(); ++i)
        if (holds(static_cast<va::Answer>(deaths.answers.row(deaths.rows[i])[symptom])))
            set |= models::DeathSet{1} << i;
    return set;
}

std::vector<double> kept_and_predicted(models::Classifier const& fitted, Parameters const& parameters,
                                       MissingPolicy policy, testing::SampleCohort const& test,
                                       std::size_t n_symptoms) {
    Parts parts;
    fitted.save(parts);
    auto const kept = models::Catalogue().at("xgboost").load(parameters, policy, parts, n_symptoms, 6);
    return testing::predicted(*kept, test.deaths()).probability;
}

}  // namespace

TEST_CASE("a batch says of any number of deaths who answered what", "[models][trees]") {
    auto const cohort = testing::sample_cohort(64, 130, {1, 2}, Random(9));
    for (std::size_t const n : {0, 1, 7, 63, 64}) {
        models::Deaths const deaths{cohort.answers, std::span(cohort.rows).first(n)};
        models::DeathBatch const batch(deaths.answers, deaths.rows, MissingPolicy::nan);
        models::DeathBatch const absent(deaths.answers, deaths.rows, MissingPolicy::absent);
        CAPTURE(n);
        CHECK(batch.all() == one_by_one(deaths, 0, [](va::Answer) { return true; }));
        for (std::size_t s = 0; s < 130; ++s)
            for (models::AnswerSet answers = 0; answers < 8; ++answers) {
                auto const expected = one_by_one(
                    deaths, s, [&](va::Answer answer) { return (models::bit_of(answer) & answers) != 0; });
                auto const expected_absent = one_by_one(deaths, s, [&](va::Answer answer) {
                    if (answer == va::Answer::missing) answer = va::Answer::absent;
                    return (models::bit_of(answer) & answers) != 0;
                });
                if ((batch.which(s, answers) & batch.all()) != expected) FAIL("symptom " << s);
                if ((absent.which(s, answers) & absent.all()) != expected_absent) FAIL("symptom " << s);
            }
    }
}

TEST_CASE("XGBoost's probabilities are met to the bit for every tree method and policy",
          "[models][xgboost][trees]") {
    auto const training = testing::sample_cohort(400, 40, {0, 1, 3, 5}, Random(11));
    auto const test = testing::sample_cohort(200, 40, {0, 1, 3, 5}, Random(12));
    for (auto const* method : {"hist", "exact", "approx"})
        for (auto const policy : testing::all_policies) {
            CAPTURE(method, static_cast<int>(policy));
            Parameters parameters(models::Catalogue().at("xgboost").parameters);
            parameters.set("rounds", std::int64_t{25});
            parameters.set("tree_method", std::string(method));
            parameters.set("subsample", 0.8);
            auto const fitted =
                testing::fitted(models::Catalogue().at("xgboost"), training.training(6), policy, parameters);
            CHECK(kept_and_predicted(*fitted, parameters, policy, test, 40) ==
                  testing::predicted(*fitted, test.deaths()).probability);
        }
}

TEST_CASE("trees of one leaf and of more than 256 give XGBoost's probabilities to the bit",
          "[models][xgboost][trees]") {
    auto const training = testing::sample_cohort(4000, 40, {1, 2}, Random(13));
    auto const test = testing::sample_cohort(150, 40, {1, 2}, Random(14));
    Parameters parameters(models::Catalogue().at("xgboost").parameters);
    parameters.set("rounds", std::int64_t{3});
    for (double const lambda : {0.0, 1e9}) {
        parameters.set("max_depth", std::int64_t{30});
        parameters.set("lambda", lambda);
        parameters.set("alpha", lambda);
        auto const fitted = testing::fitted(models::Catalogue().at("xgboost"), training.training(6),
                                            MissingPolicy::nan, parameters);
        Parts parts;
        fitted->save(parts);
        auto const n_nodes = parts.get<std::uint32_t>("trees/nodes");
        if (lambda == 0)
            CHECK(std::ranges::max(n_nodes) / 2 + 1 > models::SmallTrees::most_leaves);
        else
            CHECK(std::ranges::max(n_nodes) == 1);
        CHECK(kept_and_predicted(*fitted, parameters, MissingPolicy::nan, test, 40) ==
              testing::predicted(*fitted, test.deaths()).probability);
    }
}
