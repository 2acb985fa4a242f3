#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/simulate.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/models/answer_counts.hpp"
#include "domains/va/models/naive_bayes.hpp"
#include "domains/va/models/random_forest.hpp"

// Reading, counting and resampling at the size of the PHMRC adult data, all of it simulated: nothing else is
// needed.

namespace {

using namespace vaster;

/// A simulated cohort in a file that goes away with the program.
class CohortFile {
  public:
    explicit CohortFile(va::CohortFormat format)
        : source_{.path = std::filesystem::temp_directory_path() /
                          ("vaster_bench_" + std::to_string(static_cast<int>(format)) + "_" +
                           std::to_string(::getpid()) + ".csv"),
                  .format = format} {
        std::ofstream out(source_.path);
        va::simulate({.format = format}, out);
    }

    CohortFile(CohortFile const&) = delete;
    CohortFile& operator=(CohortFile const&) = delete;

    ~CohortFile() { std::filesystem::remove(source_.path); }

    [[nodiscard]] va::CohortSource const& source() const { return source_; }

  private:
    va::CohortSource source_;
};

CohortFile const& raw_file() {
    static CohortFile const file(va::CohortFormat::phmrc_adult);
    return file;
}

CohortFile const& encoded_file() {
    static CohortFile const file(va::CohortFormat::encoded);
    return file;
}

void reading(benchmark::State& state, va::CohortSource const& source) {
    for (auto _ : state) benchmark::DoNotOptimize(va::read_cohort(source));
    auto const bytes = static_cast<std::int64_t>(std::filesystem::file_size(source.path));
    state.SetBytesProcessed(bytes * state.iterations());
}

/// The real one if it is there; the simulated one has fewer columns that are not symptoms.
void reading_the_raw_release(benchmark::State& state) {
    std::filesystem::path const real = VASTER_SHARED_DIR "/data/phmrc_adult.csv";
    bool const is_there = std::filesystem::exists(real);
    state.SetLabel(is_there ? "PHMRC" : "simulated");
    reading(state, is_there ? va::CohortSource{.path = real} : raw_file().source());
}

void reading_an_encoded_table(benchmark::State& state) {
    reading(state, encoded_file().source());
}

/// Four fifths of all deaths, for training.
struct TrainingDeaths {
    va::Cohort cohort;
    std::vector<std::uint32_t> rows, causes;

    explicit TrainingDeaths(va::CohortSource const& source) : cohort(va::read_cohort(source)) {
        for (std::uint32_t i = 0; i < cohort.n_deaths(); ++i) {
            if (i % 5 == 4) continue;
            rows.push_back(i);
            causes.push_back(cohort.cause[i]);
        }
    }

    [[nodiscard]] models::TrainingSet set() const {
        return {{cohort.answers, rows}, causes, cohort.causes.size(), {cohort.symptoms, cohort.causes}};
    }

    static TrainingDeaths const& get() {
        static TrainingDeaths const deaths(encoded_file().source());
        return deaths;
    }
};

void counting_answers(benchmark::State& state) {
    auto const training = TrainingDeaths::get().set();
    auto const present = models::present_causes(training);
    for (auto _ : state) benchmark::DoNotOptimize(models::count_answers(training.deaths, present));
}

std::unique_ptr<models::Classifier> fitted_naive_bayes() {
    auto const model = models::naive_bayes();
    auto classifier = model.make(Parameters(model.parameters), models::MissingPolicy::nan);
    Watcher watcher;
    classifier->fit(TrainingDeaths::get().set(), Random(1), watcher);
    return classifier;
}

void fitting_naive_bayes(benchmark::State& state) {
    (void)TrainingDeaths::get();
    for (auto _ : state) benchmark::DoNotOptimize(fitted_naive_bayes());
}

void predicting_by_naive_bayes(benchmark::State& state) {
    auto const classifier = fitted_naive_bayes();
    Watcher watcher;
    for (auto _ : state)
        benchmark::DoNotOptimize(
            classifier->predict({TrainingDeaths::get().set().deaths}, Random(1), watcher));
}

/// 500 trees, fitted to four fifths of the real release if it is there; the others are predicted.
void predicting_by_a_forest(benchmark::State& state) {
    std::filesystem::path const real = VASTER_SHARED_DIR "/data/phmrc_adult.csv";
    bool const is_there = std::filesystem::exists(real);
    TrainingDeaths const training{is_there ? va::CohortSource{.path = real} : encoded_file().source()};
    std::vector<std::uint32_t> others;
    for (std::uint32_t i = 4; i < training.cohort.n_deaths(); i += 5) others.push_back(i);
    auto const model = models::random_forest();
    auto const classifier = model.make(Parameters(model.parameters), models::MissingPolicy::absent);
    Watcher watcher;
    classifier->fit(training.set(), Random(1), watcher);
    for (auto _ : state)
        benchmark::DoNotOptimize(
            classifier->predict({{training.cohort.answers, others}}, Random(1), watcher));
    state.SetLabel(is_there ? "PHMRC" : "simulated");
    state.SetItemsProcessed(static_cast<std::int64_t>(others.size()) * state.iterations());
}

/// 100 resamples of all interval metrics.
void bootstrapping(benchmark::State& state) {
    auto const n_deaths = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t n_causes = 34;
    Random random(1);
    va::Assignments assignments{{}, n_causes, va::Source::probabilities};
    for (std::size_t i = 0; i < n_deaths; ++i) {
        auto const truth = static_cast<std::uint32_t>(random.below(n_causes));
        auto const rank = static_cast<std::uint32_t>(random.uniform() < 0.4 ? 0 : random.below(n_causes));
        assignments.deaths.push_back({truth, (truth + rank) % static_cast<std::uint32_t>(n_causes), rank});
    }
    for (auto _ : state) benchmark::DoNotOptimize(va::bootstrap_intervals(assignments, 100, Random(2)));
}

BENCHMARK(reading_the_raw_release)->Unit(benchmark::kMillisecond);
BENCHMARK(reading_an_encoded_table)->Unit(benchmark::kMillisecond);
BENCHMARK(counting_answers)->Unit(benchmark::kMicrosecond);
BENCHMARK(fitting_naive_bayes)->Unit(benchmark::kMicrosecond);
BENCHMARK(predicting_by_naive_bayes)->Unit(benchmark::kMillisecond);
BENCHMARK(predicting_by_a_forest)->Unit(benchmark::kMillisecond);
BENCHMARK(bootstrapping)->Arg(300)->Arg(30000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
