#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/bootstrap.hpp"
#include "base/stats/samplers.hpp"
#include "domains/va/metrics/metrics.hpp"

using namespace vaster;

namespace {

struct Data {
    std::vector<std::uint32_t> truth;
    std::vector<double> probability;
};

Data some_data(std::size_t n_deaths, std::size_t n_causes, Random random) {
    Data data;
    std::vector<double> row(n_causes);
    for (std::size_t i = 0; i < n_deaths; ++i) {
        data.truth.push_back(static_cast<std::uint32_t>(random.below(n_causes)));
        std::vector<double> concentration(n_causes, 0.1);
        concentration[data.truth.back()] += 0.4;
        stats::sample_dirichlet(random, concentration, row);
        data.probability.insert(data.probability.end(), row.begin(), row.end());
    }
    return data;
}

}  // namespace

TEST_CASE("a resample's metrics are the metrics of a copy of its deaths", "[va][bootstrap]") {
    constexpr std::size_t n = 70;
    constexpr std::size_t n_causes = 9;
    Data const data = some_data(n, n_causes, Random(3));
    auto const resamples =
        va::bootstrap(va::assign(data.truth, data.probability, n_causes), 50, Random(7), data.probability);
    Random random(7);
    std::vector<std::uint32_t> indices(n);
    for (std::size_t r = 0; r < 50; ++r) {
        stats::resample(random, indices);
        Data copy;
        for (std::uint32_t const i : indices) {
            copy.truth.push_back(data.truth[i]);
            auto const first = data.probability.begin() + static_cast<std::ptrdiff_t>(i * n_causes);
            copy.probability.insert(copy.probability.end(), first, first + n_causes);
        }
        auto const scores = va::score(copy.truth, copy.probability, n_causes);
        REQUIRE(resamples.csmf_accuracy[r] == scores.csmf_accuracy);
        REQUIRE(resamples.csmf_accuracy_union[r] == scores.csmf_accuracy_union);
        REQUIRE(resamples.csmf_accuracy_probabilities[r] ==
                Approx(scores.csmf_accuracy_probabilities).epsilon(1e-13));
        REQUIRE(resamples.cccsmf_accuracy[r] == scores.cccsmf_accuracy);
        REQUIRE(resamples.cod_accuracy[r] == scores.cod_accuracy);
        REQUIRE(resamples.top3_accuracy[r] == scores.top3_accuracy);
        REQUIRE(resamples.mean_ccc[r] == scores.mean_ccc);
    }
}

TEST_CASE("two models on the same deaths and stream are resampled in pairs", "[va][bootstrap]") {
    Data const data = some_data(120, 5, Random(4));
    auto const probabilistic = va::assign(data.truth, data.probability, 5);
    // A model that is right exactly where the first one is wrong.
    std::vector<std::uint32_t> opposite;
    for (auto const& death : probabilistic.deaths)
        opposite.push_back(death.predicted == death.truth ? (death.truth + 1) % 5 : death.truth);
    auto const one = va::bootstrap(probabilistic, 200, Random(8));
    auto const two = va::bootstrap(va::assign_top(data.truth, opposite, 5), 200, Random(8));
    for (std::size_t r = 0; r < 200; ++r) REQUIRE(one.cod_accuracy[r] + two.cod_accuracy[r] == Approx(1));
}

TEST_CASE("intervals depend on the stream and on nothing else", "[va][bootstrap]") {
    Data const data = some_data(100, 6, Random(5));
    auto const assignments = va::assign(data.truth, data.probability, 6);
    auto const first = va::bootstrap_intervals(assignments, 500, Random(1));
    auto const again = va::bootstrap_intervals(assignments, 500, Random(1));
    auto const other = va::bootstrap_intervals(assignments, 500, Random(2));
    CHECK(first.csmf_accuracy.lo == again.csmf_accuracy.lo);
    CHECK(first.mean_ccc.hi == again.mean_ccc.hi);
    CHECK(first.mean_ccc.hi != other.mean_ccc.hi);
}

TEST_CASE("the interval of an accuracy is that of a binomial share", "[va][bootstrap]") {
    // 80 of 200 right: standard error sqrt(0.4 0.6 / 200) = 0.0346; the interval is 0.4 -+ 1.96 of it, to the
    // grid of 1/200
    std::vector<std::uint32_t> const truth(200, 0);
    std::vector<std::uint32_t> predicted(200, 1);
    std::fill(predicted.begin(), predicted.begin() + 80, 0U);
    auto const interval =
        va::bootstrap_intervals(va::assign_top(truth, predicted, 2), 20000, Random(6)).cod_accuracy;
    CHECK(interval.lo == Approx(0.4 - 0.0679).margin(0.0051));
    CHECK(interval.hi == Approx(0.4 + 0.0679).margin(0.0051));
}

TEST_CASE("intervals at the edges: perfect, one death, no ranks, no deaths, no resamples",
          "[va][bootstrap]") {
    using Causes = std::vector<std::uint32_t>;
    auto const perfect =
        va::bootstrap_intervals(va::assign_top(Causes{0, 1, 2}, Causes{0, 1, 2}, 3), 100, Random(1));
    CHECK(perfect.csmf_accuracy.lo == 1);
    CHECK(perfect.mean_ccc.lo == Approx(1));
    CHECK(perfect.cod_accuracy.hi == 1);
    CHECK(std::isnan(perfect.top3_accuracy.lo));
    auto const one =
        va::bootstrap_intervals(va::assign(Causes{1}, std::vector{0.4, 0.3, 0.3}, 3), 100, Random(1));
    CHECK(one.cod_accuracy.lo == 0);
    CHECK(one.cod_accuracy.hi == 0);
    CHECK(one.top3_accuracy.lo == 1);
    CHECK(std::isnan(one.csmf_accuracy_probabilities.lo));  // none were given
    auto const nobody = va::bootstrap_intervals(va::assign_top({}, {}, 3), 100, Random(1));
    CHECK(std::isnan(nobody.csmf_accuracy.lo));
    CHECK(std::isnan(nobody.cod_accuracy.hi));
    auto const none = va::bootstrap_intervals(va::assign_top(Causes{0}, Causes{0}, 3), 0, Random(1));
    CHECK(std::isnan(none.cod_accuracy.lo));
}

TEST_CASE("time of 1,000 resamples of all interval metrics for 300 deaths and 34 causes", "[.bench]") {
    Data const data = some_data(300, 34, Random(5));
    auto const assignments = va::assign(data.truth, data.probability, 34);
    double sum = 0;
    double best = 1e9;
    for (int i = 0; i < 50; ++i) {
        auto const start = std::chrono::steady_clock::now();
        sum += va::bootstrap_intervals(assignments, 1000, Random(1), data.probability).csmf_accuracy.lo;
        std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    WARN("best of 50: " << best << " ms (checksum " << sum << ")");
}
