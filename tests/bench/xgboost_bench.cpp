#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/splits.hpp"
#include "domains/va/models/xgboost.hpp"
#include "domains/va/models/xgboost_handles.hpp"

// What the answers of one site cost on their way into XGBoost, beside the training and the prediction itself.
// Without the data nothing is measured.

namespace {

using namespace vaster;
using models::MissingPolicy;
namespace xgb = models::xgb;

std::filesystem::path const data = std::filesystem::path(VASTER_SHARED_DIR) / "data/phmrc_adult_encoded.csv";

/// The deaths of the first site, all of them for training and for prediction.
struct Site {
    Site() : cohort(va::read_cohort({data, va::CohortFormat::encoded})), rows(va::deaths_of_site(cohort, 0)) {
        for (std::uint32_t const row : rows) causes.push_back(cohort.cause[row]);
    }

    [[nodiscard]] models::Deaths deaths() const { return {cohort.answers, rows}; }

    [[nodiscard]] models::TrainingSet training() const { return {deaths(), causes, cohort.causes.size()}; }

    va::Cohort cohort;
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> causes;
};

Site const* site(benchmark::State& state) {
    if (!std::filesystem::exists(data)) {
        state.SkipWithError("no data");
        return nullptr;
    }
    static Site const first;
    return &first;
}

xgb::Matrix labelled(Site const& site) {
    xgb::Matrix matrix = xgb::make_matrix(models::answer_codes(site.deaths(), MissingPolicy::ordinal));
    auto const present = models::present_causes(site.training());
    xgb::set_info(matrix, "label", std::vector<float>(present.class_of.begin(), present.class_of.end()));
    return matrix;
}

xgb::Booster booster(Site const& site, xgb::Matrix const& matrix) {
    auto const n_classes = models::present_causes(site.training()).size();
    return xgb::make_booster(matrix, {{"tree_method", "hist"},
                                      {"objective", "multi:softprob"},
                                      {"num_class", std::to_string(n_classes)},
                                      {"nthread", "1"},
                                      {"verbosity", "0"}});
}

void gathering_answers(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    for (auto _ : state) benchmark::DoNotOptimize(models::answer_codes(of->deaths(), MissingPolicy::absent));
}

void making_a_matrix(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    auto const codes = models::answer_codes(of->deaths(), MissingPolicy::absent);
    for (auto _ : state) benchmark::DoNotOptimize(xgb::make_matrix(codes));
}

/// The first round divides the matrix into bins; the difference to a later round is what that costs.
void the_first_round(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    for (auto _ : state) {
        state.PauseTiming();
        xgb::Matrix const matrix = labelled(*of);
        xgb::Booster const fresh = booster(*of, matrix);
        state.ResumeTiming();
        xgb::check(XGBoosterUpdateOneIter(fresh.get(), 0, matrix.get()), "the first round");
    }
}

void a_later_round(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    xgb::Matrix const matrix = labelled(*of);
    xgb::Booster const grown = booster(*of, matrix);
    int round = 0;
    xgb::check(XGBoosterUpdateOneIter(grown.get(), round, matrix.get()), "the first round");
    for (auto _ : state)
        xgb::check(XGBoosterUpdateOneIter(grown.get(), ++round, matrix.get()), "a later round");
}

std::unique_ptr<models::Classifier> fitted(Site const& site) {
    auto const model = models::xgboost();
    auto classifier = model.make(Parameters(model.parameters), MissingPolicy::absent);
    Watcher watcher;
    classifier->fit(site.training(), Random(1), watcher);
    return classifier;
}

void whole_fit(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    for (auto _ : state) benchmark::DoNotOptimize(fitted(*of));
}

void whole_prediction(benchmark::State& state) {
    Site const* of = site(state);
    if (of == nullptr) return;
    auto const classifier = fitted(*of);
    Watcher watcher;
    for (auto _ : state) benchmark::DoNotOptimize(classifier->predict({of->deaths()}, Random(1), watcher));
}

}  // namespace

BENCHMARK(gathering_answers)->Unit(benchmark::kMillisecond);
BENCHMARK(making_a_matrix)->Unit(benchmark::kMillisecond);
BENCHMARK(the_first_round)->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(a_later_round)->Unit(benchmark::kMillisecond)->Iterations(30);
BENCHMARK(whole_fit)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(whole_prediction)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
