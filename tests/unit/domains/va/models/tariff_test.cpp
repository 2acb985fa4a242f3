#include "domains/va/models/tariff.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "domains/va/models/signs.hpp"
#include "domains/va/models/tariff_table.hpp"
#include "sample_cohort.hpp"

using namespace vaster;
using models::MissingPolicy;
using va::Answer;

namespace {

constexpr std::int64_t n_kept = 20;

Parameters with(std::int64_t resamples) {
    Parameters parameters(models::tariff().parameters);
    parameters.set("top", n_kept);
    parameters.set("resamples", resamples);
    return parameters;
}

std::vector<double> table_of(testing::SampleCohort const& training, MissingPolicy policy,
                             models::TariffOptions const& options) {
    auto const present = models::present_causes(training.training(8));
    auto const signs = models::signs_of(training.deaths(), policy);
    Random random(1);
    Watcher watcher;
    return models::tariff_table(models::count_endorsements(signs.answers, present), options, random, watcher);
}

}  // namespace

TEST_CASE("Tariff agrees with NumPy: tariffs, ranks, probabilities, significance", "[models][tariff][peer]") {
    std::vector<std::uint32_t> const causes{0, 1, 3, 4, 5, 7};
    auto const training = testing::sample_cohort(240, 30, causes, Random(51));
    auto const test = testing::sample_cohort(60, 30, causes, Random(52));
    using testing::number_line;
    auto const peer = testing::ask_peer("tariff", training, test, number_line("n_kept", std::vector{n_kept}));
    if (!peer) return;
    for (auto const& name : models::missing_policy_names()) {
        CAPTURE(name);
        auto const policy = models::missing_policy(name);
        CHECK(table_of(training, policy, {.n_kept = n_kept, .n_resamples = 0}) == peer->at(name + "_table"));
        auto const classifier = testing::fitted(models::tariff(), training.training(8), policy, with(0));
        CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), causes,
                                          peer->at(name)) < 1e-12);
    }
    // The peer resamples deaths, we draw binomial numbers: the same but for cells at the edge of
    // significance.
    auto const tested = table_of(training, MissingPolicy::absent, {.n_kept = 30, .n_resamples = 500});
    auto const untested = table_of(training, MissingPolicy::absent, {.n_kept = 30, .n_resamples = 0});
    auto const& expected = peer->at("significant");
    int n_other = 0;
    int n_significant = 0;
    for (std::size_t i = 0; i < tested.size(); ++i) {
        if (untested[i] == 0) continue;  // rounded to 0 whether significant or not
        n_other += (tested[i] != 0) != (expected[i] != 0) ? 1 : 0;
        n_significant += tested[i] != 0 ? 1 : 0;
    }
    CHECK(n_other <= 4);
    CHECK(n_significant > 20);
    CHECK(n_significant < 160);
}

TEST_CASE("a tariff is the distance from the median in interquartile ranges, rounded to 0.5",
          "[models][tariff]") {
    // Shares of 0, 1/4, 2/4, 3/4 and 1: median 1/2, IQR 1/2.
    models::EndorsementCounts const counts{
        2, 5, {0, 1, 2, 3, 4, 0, 0, 0, 0, 1}, {4, 4, 4, 4, 4, 4, 4, 4, 4, 4}};
    Random random(1);
    Watcher watcher;
    auto const table = models::tariff_table(counts, {.n_kept = 2, .n_resamples = 0}, random, watcher);
    CHECK(std::vector(table.begin(), table.begin() + 5) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
    // The second sign has no spread: its IQR counts as 0.001.
    CHECK(std::vector(table.begin() + 5, table.end()) == std::vector<double>{0, 0, 0, 0, 250});
    auto const largest = models::tariff_table(counts, {.n_kept = 1, .n_resamples = 0}, random, watcher);
    CHECK(largest[0] == -1);
    CHECK(largest[4] == 0);  // beside 250
}

TEST_CASE("a death without a sign that counts is undetermined: every cause is as likely",
          "[models][tariff]") {
    auto const training = testing::sample_cohort(90, 8, {0, 1, 3}, Random(7));
    auto const classifier =
        testing::fitted(models::tariff(), training.training(4), MissingPolicy::absent, with(100));
    va::AnswerMatrix const missing(1, 8);
    std::vector<std::uint32_t> const row{0};
    auto const prediction = testing::predicted(*classifier, {missing, row});
    CHECK(std::ranges::equal(prediction.of_death(0), std::vector<double>{1 / 3., 1 / 3., 0, 1 / 3.}));
}

TEST_CASE("Tariff stops when its watcher says so", "[models][tariff]") {
    auto const cohort = testing::sample_cohort(30, 5, {0, 1}, Random(3));
    auto const classifier = models::tariff().make(with(10), MissingPolicy::absent);
    testing::CountingWatcher watcher(2);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), watcher), Cancelled);
    CHECK(watcher.last_fraction == Approx(0.4));
}

TEST_CASE("a training death of weight two is two deaths to Tariff", "[models][tariff][weights]") {
    auto const cohort = testing::sample_cohort(80, 12, {0, 1, 3}, Random(6));
    std::vector<double> weights;
    auto twice = cohort;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        weights.push_back(i % 4 == 0 ? 2.0 : 1.0);
        if (i % 4 != 0) continue;
        twice.rows.push_back(cohort.rows[i]);
        twice.causes.push_back(cohort.causes[i]);
    }
    auto training = cohort.training(5);
    training.weights = weights;
    auto const weighted = testing::fitted(models::tariff(), training, MissingPolicy::absent, with(0));
    auto const repeated =
        testing::fitted(models::tariff(), twice.training(5), MissingPolicy::absent, with(0));
    // But for half a death: that is one of those that there are, whatever they weigh.
    Parts ours;
    Parts theirs;
    weighted->save(ours);
    repeated->save(theirs);
    for (auto const* part : {"tariffs", "ranks/score", "ranks/above", "ranks/not_below"}) {
        CAPTURE(part);
        auto const mine = ours.get<double>(part);
        auto const others = theirs.get<double>(part);
        REQUIRE(mine.size() == others.size());
        bool const is_table = std::string(part) == "tariffs";
        for (std::size_t i = 0; i < mine.size(); ++i) {
            // Ranks of scores that are not above 0 are never asked for, and not counted to their end.
            if (!is_table && ours.get<double>("ranks/score")[i] <= 0) continue;
            CHECK(mine[i] == Approx(others[i]).margin(1e-12));
        }
    }
}

TEST_CASE("the significance of weighted tariffs rests on the effective number of deaths",
          "[models][tariff][weights]") {
    va::AnswerMatrix signs(2, 1);
    signs.row(0)[0] = Answer::present;
    signs.row(1)[0] = Answer::absent;
    models::PresentCauses const present{{0}, {2}, {0, 0}};
    auto const counts = models::count_endorsements(signs, present, std::vector{1.0, 9.0});
    CHECK(counts.weight_present.front() == 1);
    CHECK(counts.weight_answered.front() == 10);
    CHECK(counts.answered.front() == 1);  // 100 / 82
}
