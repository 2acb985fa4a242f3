#include "domains/va/models/insilico/insilico.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>

#include "../sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;
using va::Answer;

namespace {

Parameters with(std::vector<std::pair<std::string, Value>> const& values) {
    Parameters parameters(models::insilico().parameters);
    for (auto const& [name, value] : values) parameters.set(name, value);
    return parameters;
}

models::Prediction coded(testing::SampleCohort const& training, models::Deaths const& test,
                         std::size_t n_causes, Parameters const& parameters) {
    auto const classifier =
        testing::fitted(models::insilico(), training.training(n_causes), MissingPolicy::absent, parameters);
    return testing::predicted(*classifier, test);
}

void check_distributions(models::Prediction const& p) {
    for (std::size_t i = 0; i < p.n_deaths; ++i) {
        auto const row = p.of_death(i);
        CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(1).epsilon(1e-12));
    }
    CHECK(std::accumulate(p.csmf.begin(), p.csmf.end(), 0.0) == Approx(1).epsilon(1e-12));
}

}  // namespace

TEST_CASE("InSilicoVA gives distributions over the trained causes, whatever its keys", "[models][insilico]") {
    auto const training = testing::sample_cohort(150, 12, {1, 2, 4}, Random(1));
    auto const test = testing::sample_cohort(40, 12, {0, 1, 2, 3, 4}, Random(2));
    for (auto const& parameters :
         {with({}), with({{"levels", std::string("fixed")}}), with({{"answer_weight", 0.3}}),
          with({{"sampler", std::string("reference")}}),
          with({{"sampler", std::string("reference")}, {"chains", std::int64_t{3}}}),
          with({{"preset", std::string("predecessor")}}),
          with({{"auto_extend", false}, {"chains", std::int64_t{6}}})}) {
        auto const p = coded(training, test.deaths(), 6, parameters);
        REQUIRE(p.n_deaths == 40);
        REQUIRE(p.probability.size() == 240);
        check_distributions(p);
        CHECK(p.csmf[0] + p.csmf[3] + p.csmf[5] == 0);
        REQUIRE(p.sampling);
        CHECK(p.sampling->causes_left_out == 3);
        CHECK(p.sampling->acceptance > 0);
        for (std::size_t c = 0; c < 6; ++c) {
            CHECK(p.sampling->csmf_lo[c] <= p.csmf[c]);
            CHECK(p.csmf[c] <= p.sampling->csmf_hi[c]);
        }
        CHECK(coded(training, test.deaths(), 6, parameters).probability == p.probability);
    }
}

TEST_CASE("InSilicoVA's keys reach its samplers", "[models][insilico]") {
    auto const training = testing::sample_cohort(100, 12, {0, 1, 2}, Random(1));
    auto const preset = coded(training, training.deaths(), 3, with({{"preset", std::string("predecessor")}}));
    CHECK(preset.sampling->iterations == 10000);
    CHECK(preset.sampling->modes == 0);
    auto const standard = coded(training, training.deaths(), 3, with({}));
    CHECK(standard.sampling->chains == 4);
    CHECK(standard.sampling->modes >= 1);
    CHECK(standard.sampling->converged);
    CHECK(standard.sampling->rhat < 1.01);
    CHECK(standard.sampling->ess >= 400);
    auto const pooled = coded(
        training, training.deaths(), 3,
        with({{"sampler", std::string("reference")}, {"chains", std::int64_t{2}}, {"auto_extend", false}}));
    CHECK(pooled.sampling->chains == 2);
    CHECK(pooled.sampling->iterations == 4000);
}

TEST_CASE("answers that weigh less make InSilicoVA less sure, but not with the predecessor's preset",
          "[models][insilico]") {
    auto const training = testing::sample_cohort(100, 12, {0, 1, 2}, Random(1));
    auto const sureness = [&](Parameters const& parameters) {
        auto const p = coded(training, training.deaths(), 3, parameters);
        double sum = 0;
        for (std::size_t i = 0; i < p.n_deaths; ++i) sum += std::ranges::max(p.of_death(i));
        return sum / static_cast<double>(p.n_deaths);
    };
    double const whole = sureness(with({}));
    double const half = sureness(with({{"answer_weight", 0.5}}));
    CHECK(half < whole - 0.01);
    std::string const predecessor = "predecessor";
    std::string const uniform = "uniform";
    double const alike = sureness(with({{"cause_fractions", uniform}}));
    CHECK(sureness(with({{"cause_fractions", uniform}, {"answer_weight", 0.2}})) < alike - 0.1);
    CHECK(sureness(with({{"preset", predecessor}, {"cause_fractions", uniform}, {"answer_weight", 0.2}})) ==
          sureness(with({{"preset", predecessor}})));
}

TEST_CASE("InSilicoVA finds causes that symptoms tell apart", "[models][insilico]") {
    auto const training = testing::sample_cohort(300, 30, {0, 1, 2}, Random(1));
    auto const test = testing::sample_cohort(200, 30, {0, 0, 0, 1, 2}, Random(2));
    for (char const* sampler : {"default", "reference"}) {
        auto const p = coded(training, test.deaths(), 3, with({{"sampler", std::string(sampler)}}));
        std::size_t right = 0;
        for (std::size_t i = 0; i < 200; ++i) {
            auto const row = p.of_death(i);
            right += static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()) ==
                             test.causes[i]
                         ? 1
                         : 0;
        }
        CHECK(right > 190);
        CHECK(p.csmf[0] == Approx(0.6).margin(0.1));
    }
}

TEST_CASE("one test death, and one without any answer, get distributions", "[models][insilico]") {
    auto const training = testing::sample_cohort(100, 12, {0, 1, 2}, Random(1));
    for (char const* sampler : {"default", "reference"}) {
        CAPTURE(sampler);
        auto const parameters = with({{"sampler", std::string(sampler)}});
        auto const one = testing::sample_cohort(1, 12, {1}, Random(2));
        check_distributions(coded(training, one.deaths(), 3, parameters));
        auto two = testing::sample_cohort(2, 12, {1}, Random(2));
        two.answers.row(0).fill(Answer::missing);
        check_distributions(coded(training, two.deaths(), 3, parameters));
    }
}

TEST_CASE("a test set without any answer gets the same probability for every trained cause",
          "[models][insilico]") {
    auto const training = testing::sample_cohort(100, 12, {0, 2}, Random(1));
    auto const silent = testing::SampleCohort{va::AnswerMatrix(3, 12), {0, 1, 2}, {}};
    auto const p = coded(training, silent.deaths(), 4, with({}));
    for (std::size_t i = 0; i < 3; ++i) {
        auto const row = p.of_death(i);
        CHECK(std::vector<double>(row.begin(), row.end()) == std::vector<double>{0.5, 0, 0.5, 0});
    }
    CHECK(p.sampling->symptoms_left_out == 12);
    CHECK(p.sampling->notes.front() == "12 symptoms left out: missing in every test death");
}

TEST_CASE("answers that are the same for everybody tell nothing, whether yes, no or half of each",
          "[models][insilico]") {
    // 160 deaths of four causes in turn. The log loss of an answer that tells nothing is log 4.
    for (std::size_t const n_yes : {20, 10, 0}) {
        CAPTURE(n_yes);
        testing::SampleCohort cohort{va::AnswerMatrix(160, 20), {}, {}};
        for (std::uint32_t i = 0; i < 160; ++i) {
            cohort.rows.push_back(i);
            cohort.causes.push_back(i % 4);
            for (std::size_t s = 0; s < 20; ++s)
                cohort.answers.row(i)[s] = s < n_yes ? Answer::present : Answer::absent;
        }
        auto const p = coded(cohort, cohort.deaths(), 4, with({}));
        double log_loss = 0;
        for (std::size_t i = 0; i < 160; ++i) log_loss -= std::log(p.of_death(i)[cohort.causes[i]]) / 160;
        CHECK(log_loss == Approx(std::log(4)).margin(0.05));
    }
}

TEST_CASE("causes with one training death are coded too", "[models][insilico]") {
    auto training = testing::sample_cohort(100, 12, {0, 1}, Random(1));
    training.causes[17] = 2;
    auto const p = coded(training, training.deaths(), 3, with({}));
    check_distributions(p);
    CHECK(p.csmf[2] > 0);
}

TEST_CASE("one trained cause is certain, no test death is an empty prediction", "[models][insilico]") {
    auto const training = testing::sample_cohort(20, 5, {2}, Random(1));
    auto const p = coded(training, training.deaths(), 4, with({}));
    for (std::size_t i = 0; i < 20; ++i) CHECK(p.of_death(i)[2] == 1);
    CHECK(coded(training, {training.answers, {}}, 4, with({})).probability.empty());
}

TEST_CASE("InSilicoVA refuses what it cannot learn from", "[models][insilico]") {
    auto const classifier = models::insilico().make(with({}), MissingPolicy::absent);
    va::AnswerMatrix const answers(400, 2);
    Watcher watcher;
    CHECK_THROWS_AS(classifier->fit({{answers, {}}, {}, 3}, Random(1), watcher), ModelError);
    std::vector<std::uint32_t> rows(400);
    std::iota(rows.begin(), rows.end(), 0U);
    CHECK_THROWS_WITH(
        classifier->fit({{answers, rows}, rows, 400}, Random(1), watcher),
        Catch::Contains("400 causes in the training deaths") && Catch::Contains("coarser label"));
}

TEST_CASE("InSilicoVA stops when it is told to", "[models][insilico]") {
    auto const training = testing::sample_cohort(100, 12, {0, 1, 2}, Random(1));
    auto const classifier =
        testing::fitted(models::insilico(), training.training(3), MissingPolicy::absent, with({}));
    testing::CountingWatcher impatient(10);
    CHECK_THROWS_AS(classifier->predict({training.deaths()}, Random(1), impatient), Cancelled);
    testing::CountingWatcher patient(1 << 30);
    (void)classifier->predict({training.deaths()}, Random(1), patient);
    CHECK(patient.last_fraction > 0);
    CHECK(patient.last_fraction <= 1);
}
