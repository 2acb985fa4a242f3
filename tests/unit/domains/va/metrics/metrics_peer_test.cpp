#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../python_peer.hpp"
#include "base/stats/samplers.hpp"
#include "domains/va/metrics/metrics.hpp"

using namespace vaster;

namespace {

struct Case {
    std::size_t n_deaths;
    std::size_t n_causes;
    bool weighted = false;
    double concentration = 1;  ///< small: sure of itself, many causes never predicted
};

struct Data {
    std::vector<std::uint32_t> truth;
    std::vector<double> probability;
    std::vector<double> own;
    std::vector<double> weight;  ///< empty: none
};

/// Probabilities around a truth that has some causes seldom or never.
Data generate(Case const& shape, Random random) {
    Data data;
    std::vector<double> fractions(shape.n_causes, 0.7);
    stats::sample_dirichlet(random, fractions, fractions);
    std::vector<double> row(shape.n_causes);
    for (std::size_t i = 0; i < shape.n_deaths; ++i) {
        data.truth.push_back(static_cast<std::uint32_t>(stats::sample_categorical(random, fractions)));
        std::vector<double> concentration(shape.n_causes, shape.concentration);
        concentration[data.truth.back()] += 0.3;
        stats::sample_dirichlet(random, concentration, row);
        data.probability.insert(data.probability.end(), row.begin(), row.end());
    }
    data.own.assign(shape.n_causes, 1.0);
    stats::sample_dirichlet(random, data.own, data.own);
    for (std::size_t i = 0; shape.weighted && i < shape.n_deaths; ++i)
        data.weight.push_back(0.05 + 3 * random.uniform());
    return data;
}

bool same(std::vector<double> const& ours, std::vector<double> const& theirs) {
    if (ours.size() != theirs.size()) return false;
    for (std::size_t i = 0; i < ours.size(); ++i)
        if (std::isnan(ours[i]) != std::isnan(theirs[i]) || std::abs(ours[i] - theirs[i]) > 1e-12)
            return false;
    return true;
}

}  // namespace

TEST_CASE("every metric and interval is what scikit-learn and NumPy make of the same data",
          "[va][metrics][peer]") {
    auto const shape = GENERATE(values<Case>({{1, 6, false, 0.5},
                                              {2, 7, false, 0.5},
                                              {40, 6, false, 0.2},
                                              {60, 34, false, 0.05},
                                              {300, 34, false, 0.02},
                                              {50, 12, false, 5.0},
                                              {1, 6, true, 0.5},
                                              {2, 7, true, 0.5},
                                              {40, 6, true, 0.2},
                                              {300, 34, true, 0.02},
                                              {50, 12, true, 5.0}}));
    CAPTURE(shape.n_deaths, shape.n_causes, shape.weighted);
    Data const data = generate(shape, Random(shape.n_deaths));
    constexpr std::uint64_t seed = 12345;
    constexpr std::size_t n_resamples = 101;
    using testing::number_line;
    std::string input = number_line("n_causes", std::vector{shape.n_causes}) +
                        number_line("truth", data.truth) + number_line("probability", data.probability) +
                        number_line("own", data.own) + number_line("seed", std::vector{seed}) +
                        number_line("resamples", std::vector{n_resamples});
    if (shape.weighted) input += number_line("weight", data.weight);
    auto const peer =
        testing::ask_python(VASTER_SOURCE_DIR "/tests/unit/domains/va/metrics/metrics_peer.py", input);
    if (!peer) {
        WARN("skipped: /usr/bin/python3 with scikit-learn is not here");
        return;
    }
    auto const check = [&](std::string const& name, std::vector<double> const& ours) {
        CAPTURE(name, ours, peer->at(name));
        CHECK(same(ours, peer->at(name)));
    };
    va::Scores const scores = va::score(data.truth, data.probability, shape.n_causes, data.own, data.weight);
    check("csmf_true", scores.csmf_true);
    check("csmf_pred", scores.csmf_pred);
    if (shape.weighted) {
        auto const sums = va::weight_sums(data.weight);
        check("weights", {sums.sum, sums.effective});
    }
    check("csmf_accuracy", {scores.csmf_accuracy});
    check("csmf_accuracy_union", {scores.csmf_accuracy_union});
    check("csmf_accuracy_probabilities", {scores.csmf_accuracy_probabilities});
    check("csmf_accuracy_posterior", {scores.csmf_accuracy_posterior});
    check("cccsmf_accuracy", {scores.cccsmf_accuracy});
    check("cod_accuracy", {scores.cod_accuracy});
    check("top3_accuracy", {scores.top3_accuracy});
    check("top3_sklearn", {scores.top3_accuracy});
    check("top5_accuracy", {scores.top5_accuracy});
    check("mean_ccc", {scores.mean_ccc});
    check("log_loss", {scores.log_loss});
    check("brier", {scores.brier});
    check("confusion", {scores.confusion.begin(), scores.confusion.end()});
    check("sensitivity", scores.causes.sensitivity);
    check("specificity", scores.causes.specificity);
    check("precision", scores.causes.precision);
    check("f1", scores.causes.f1);
    auto const intervals =
        va::bootstrap_intervals(va::assign(data.truth, data.probability, shape.n_causes, data.weight),
                                n_resamples, Random(seed), data.probability);
    auto const check_interval = [&](std::string const& name, stats::Interval const& ours) {
        check("interval_" + name, {ours.lo, ours.hi});
    };
    check_interval("csmf_accuracy", intervals.csmf_accuracy);
    check_interval("csmf_accuracy_union", intervals.csmf_accuracy_union);
    check_interval("csmf_accuracy_probabilities", intervals.csmf_accuracy_probabilities);
    check_interval("cccsmf_accuracy", intervals.cccsmf_accuracy);
    check_interval("cod_accuracy", intervals.cod_accuracy);
    check_interval("top3_accuracy", intervals.top3_accuracy);
    check_interval("mean_ccc", intervals.mean_ccc);
}
