#include "domains/va/models/interva.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "sample_cohort.hpp"

using namespace vaster;
using models::MissingPolicy;
using va::Answer;

namespace {

Parameters with(std::string const& levels, std::string const& prior) {
    Parameters parameters(models::interva().parameters);
    parameters.set("levels", levels);
    parameters.set("prior", prior);
    return parameters;
}

}  // namespace

TEST_CASE("InterVA agrees with NumPy to 1e-9", "[models][interva][peer]") {
    auto const training = testing::sample_cohort(150, 30, {0, 1, 3, 5}, Random(41));
    auto const test = testing::sample_cohort(60, 30, {0, 1, 2, 3, 4, 5}, Random(42));
    auto const peer = testing::ask_peer("interva", training, test);
    if (!peer) return;
    for (auto const& policy : models::missing_policy_names())
        for (char const* levels : {"quantile", "fixed"})
            for (char const* prior : {"uniform", "empirical"}) {
                auto const name = fmt::format("{}_{}_{}", policy, levels, prior);
                auto const classifier = testing::fitted(models::interva(), training.training(6),
                                                        models::missing_policy(policy), with(levels, prior));
                CAPTURE(name);
                CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()),
                                                  {0, 1, 3, 5}, peer->at(name)) < 1e-9);
            }
}

TEST_CASE("InterVA falls back on its prior where nothing is present or every cause is ruled out",
          "[models][interva]") {
    // Symptom 0 occurs with cause 0 only, symptom 1 with cause 1 only; fixed levels rule the other cause out.
    testing::SampleCohort cohort{va::AnswerMatrix(6, 2), {0, 1, 2, 3}, {0, 0, 0, 1}};
    for (std::uint32_t i = 0; i < 6; ++i)
        for (std::size_t s = 0; s < 2; ++s) cohort.answers.row(i)[s] = Answer::absent;
    for (std::uint32_t i = 0; i < 3; ++i) cohort.answers.row(i)[0] = Answer::present;
    cohort.answers.row(3)[1] = Answer::present;
    cohort.answers.row(4)[0] = cohort.answers.row(4)[1] = Answer::present;
    auto const classifier = testing::fitted(models::interva(), cohort.training(2), MissingPolicy::absent,
                                            with("fixed", "empirical"));
    cohort.rows = {0, 3, 4, 5};
    auto const prediction = testing::predicted(*classifier, cohort.deaths());
    CHECK(prediction.of_death(0)[0] == 1);
    CHECK(prediction.of_death(1)[0] == 0);
    CHECK(prediction.of_death(2)[0] == Approx(0.75));  // both symptoms: each rules one cause out
    CHECK(prediction.of_death(3)[0] == Approx(0.75));  // none
}

TEST_CASE("what InterVA says of a death does not depend on the other test deaths", "[models][interva]") {
    auto const training = testing::sample_cohort(80, 10, {0, 1, 2}, Random(1));
    auto const classifier = testing::fitted(models::interva(), training.training(3), MissingPolicy::nan,
                                            with("quantile", "uniform"));
    auto const all = testing::predicted(*classifier, training.deaths());
    auto const one = testing::predicted(*classifier, {training.answers, std::span(training.rows).first(1)});
    CHECK(std::ranges::equal(one.of_death(0), all.of_death(0)));
}

TEST_CASE("InterVA stops when its watcher says so", "[models][interva]") {
    auto const cohort = testing::sample_cohort(30, 5, {0, 1}, Random(3));
    auto const classifier = models::interva().make(with("quantile", "uniform"), MissingPolicy::absent);
    testing::CountingWatcher impatient(0);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), impatient), Cancelled);
    Watcher watcher;
    classifier->fit(cohort.training(2), Random(1), watcher);
    testing::CountingWatcher patient(3);
    CHECK_THROWS_AS(classifier->predict({cohort.deaths()}, Random(1), patient), Cancelled);
}
