#include "domains/va/models/adaptation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::AdaptationOptions;

namespace {

constexpr std::size_t n_causes = 4;

/// Any distributions; cause 3 has probability 0 in all of them.
std::vector<double> some_probabilities(std::size_t n_deaths, Random random) {
    std::vector<double> all;
    for (std::size_t i = 0; i < n_deaths; ++i) {
        std::vector<double> row{random.uniform(), random.uniform(), random.uniform(), 0};
        double const sum = std::accumulate(row.begin(), row.end(), 0.0);
        for (double const p : row) all.push_back(p / sum);
    }
    return all;
}

std::vector<double> adapted(testing::SampleCohort const& batch, std::vector<double> const& p0,
                            AdaptationOptions const& options = {}) {
    Watcher watcher;
    auto const rates = std::vector<double>(batch.answers.n_columns(), 0.3);
    return models::Adapter(options, rates).adapted(batch.deaths(), p0, n_causes, watcher);
}

}  // namespace

TEST_CASE("adaptation never lowers its objective, and all rows stay distributions", "[models][adaptation]") {
    auto const n_deaths = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{300});
    auto const batch = testing::sample_cohort(n_deaths, 30, {0, 1, 2}, Random(n_deaths));
    auto const p0 = some_probabilities(n_deaths, Random(4));
    std::vector<double> objective;
    Watcher watcher;
    auto const p = models::Adapter({}, std::vector<double>(30, 0.3))
                       .adapted(batch.deaths(), p0, n_causes, watcher,
                                [&](double value) { objective.push_back(value); });
    REQUIRE(objective.size() == 10);
    for (std::size_t k = 1; k < objective.size(); ++k)
        CHECK(objective[k] >= objective[k - 1] - 1e-10 * std::abs(objective[k]));
    for (std::size_t i = 0; i < n_deaths; ++i) {
        CHECK(std::accumulate(p.begin() + static_cast<std::ptrdiff_t>(i * n_causes),
                              p.begin() + static_cast<std::ptrdiff_t>((i + 1) * n_causes), 0.0) == Approx(1));
        CHECK(p[i * n_causes + 3] == 0);
    }
}

TEST_CASE("the first step of adaptation is what its formulas say", "[models][adaptation]") {
    auto const batch = testing::sample_cohort(12, 3, {0, 1, 2}, Random(8));
    auto const p0 = some_probabilities(12, Random(9));
    auto const p = adapted(batch, p0, {.weight = 0.2, .power = 0.9, .prior = 3, .steps = 1});
    auto const answer = [&](std::size_t i, std::size_t s) { return batch.answers.row(batch.rows[i])[s]; };
    std::vector<double> theta(3 * n_causes);
    for (std::size_t s = 0; s < 3; ++s) {
        double yes = 0;
        double answers = 0;
        for (std::size_t i = 0; i < 12; ++i) {
            yes += answer(i, s) == va::Answer::present ? 1 : 0;
            answers += answer(i, s) != va::Answer::missing ? 1 : 0;
        }
        double const t = (yes + 2 * 0.3) / (answers + 2);
        for (std::size_t c = 0; c < n_causes; ++c) {
            double of_yes = 3 * t;
            double of_answers = 3;
            for (std::size_t i = 0; i < 12; ++i) {
                of_yes += answer(i, s) == va::Answer::present ? p0[i * n_causes + c] : 0;
                of_answers += answer(i, s) != va::Answer::missing ? p0[i * n_causes + c] : 0;
            }
            theta[s * n_causes + c] = of_yes / of_answers;
        }
    }
    for (std::size_t i = 0; i < 12; ++i) {
        std::vector<double> expected(n_causes, 0.0);
        for (std::size_t c = 0; c < 3; ++c) {
            expected[c] = std::pow(p0[i * n_causes + c], 0.9);
            for (std::size_t s = 0; s < 3; ++s) {
                double const one = theta[s * n_causes + c];
                if (answer(i, s) == va::Answer::present) expected[c] *= std::pow(one, 0.2);
                if (answer(i, s) == va::Answer::absent) expected[c] *= std::pow(1 - one, 0.2);
            }
        }
        double const sum = std::accumulate(expected.begin(), expected.end(), 0.0);
        for (std::size_t c = 0; c < n_causes; ++c)
            CHECK(p[i * n_causes + c] == Approx(expected[c] / sum).margin(1e-13));
    }
}

TEST_CASE("a death without any answer keeps what the model said, to the power", "[models][adaptation]") {
    auto batch = testing::sample_cohort(40, 10, {0, 1, 2}, Random(3));
    batch.answers.row(batch.rows[5]).fill(va::Answer::missing);
    auto const p0 = some_probabilities(40, Random(5));
    auto const p = adapted(batch, p0);
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::pow(p0[5 * n_causes + c], 1.2);
    for (std::size_t c = 0; c < 3; ++c)
        CHECK(p[5 * n_causes + c] == Approx(std::pow(p0[5 * n_causes + c], 1.2) / sum));
}

TEST_CASE("adaptation of no weight and power 1 changes nothing, and no step neither",
          "[models][adaptation]") {
    auto const batch = testing::sample_cohort(40, 10, {0, 1, 2}, Random(3));
    auto const p0 = some_probabilities(40, Random(5));
    auto const p = adapted(batch, p0, {.weight = 0, .power = 1});
    for (std::size_t j = 0; j < p.size(); ++j) CHECK(p[j] == Approx(p0[j]));
    CHECK(adapted(batch, p0, {.steps = 0}) == p0);
}

TEST_CASE("an impossible cause stays impossible, and one that is all but so can come back",
          "[models][adaptation]") {
    auto const batch = testing::sample_cohort(2, 10, {0}, Random(3));
    auto const p = adapted(batch, {1, 0, 0, 0, 1 - 1e-12, 1e-12, 0, 0});
    CHECK(p[0] == 1);
    CHECK(p[1] == 0);
    CHECK(p[5] > 0);
}

TEST_CASE("a temperature takes probabilities to its power and leaves the order of causes",
          "[models][adaptation]") {
    auto const batch = testing::sample_cohort(40, 10, {0, 1, 2}, Random(3));
    auto const p0 = some_probabilities(40, Random(5));
    auto const sure = adapted(batch, p0);
    auto const less_sure = adapted(batch, p0, {.temperature = 2.5});
    for (std::size_t i = 0; i < 40; ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < n_causes; ++c) sum += std::pow(sure[i * n_causes + c], 1 / 2.5);
        for (std::size_t c = 0; c < n_causes; ++c)
            CHECK(less_sure[i * n_causes + c] ==
                  Approx(std::pow(sure[i * n_causes + c], 1 / 2.5) / sum).margin(1e-13));
        CHECK(less_sure[i * n_causes + 3] == 0);
    }
    CHECK(adapted(batch, p0, {.temperature = 1}) == sure);
}

TEST_CASE("adaptation stops when its watcher says so", "[models][adaptation]") {
    auto const batch = testing::sample_cohort(20, 10, {0, 1, 2}, Random(3));
    testing::CountingWatcher watcher(3);
    CHECK_THROWS_AS((void)models::Adapter({}, std::vector<double>(10, 0.3))
                        .adapted(batch.deaths(), some_probabilities(20, Random(5)), n_causes, watcher),
                    Cancelled);
    CHECK(watcher.asked == 4);
}
