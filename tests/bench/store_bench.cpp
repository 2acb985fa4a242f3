// Results committed to a study file: what one costs, from its hand-out to its note among the attempts, by
// driver and durability. Look at the CPU column where others use the machine.
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "base/support/hash.hpp"
#include "core/mpi/session.hpp"
#include "core/store/create.hpp"
#include "core/store/writer.hpp"

using namespace vaster;

namespace {

constexpr std::size_t n_experiments = 4000;

enum Arrays { without_arrays = 0, with_arrays = 1 };

/// As many result columns as an evolution has; arrays as of a comparison of models, if wanted.
study::Schema schema_of(Arrays arrays) {
    using study::CellType;
    using study::ElementType;
    study::Schema schema;
    schema.design = {{"seed", CellType::text, 32, ""}, {"generation", CellType::integer, 0, ""}};
    for (int i = 0; i < 50; ++i)
        schema.results.push_back({"column_" + std::to_string(i), CellType::real, 0, ""});
    if (arrays == with_arrays)
        schema.arrays = {
            {"confusion", {{"count", ElementType::uint32}}, study::Extent::fixed, {34, 34}, ""},
            {"fractions", {{"fraction", ElementType::float64}}, study::Extent::fixed, {34}, ""},
            {"deaths",
             {{"row", ElementType::int64}, {"cause", ElementType::int32}, {"p", ElementType::float64}},
             study::Extent::ragged,
             {},
             ""}};
    return schema;
}

study::Plan plan_of(Arrays arrays) {
    study::Plan plan;
    for (std::uint64_t i = 0; i < n_experiments; ++i) {
        study::Experiment experiment;
        experiment.index = i;
        experiment.id = {hash64(std::to_string(i))};
        experiment.group = i;
        experiment.cost_key = "bench";
        experiment.design = {std::string("EMA_Crossover"), static_cast<std::int64_t>(i)};
        experiment.n_rows = arrays == with_arrays ? 300 : 0;
        experiment.first_row = i * experiment.n_rows;
        plan.experiments.push_back(std::move(experiment));
    }
    return plan;
}

study::Result result_of(study::Experiment const& experiment, Arrays arrays) {
    study::Result result;
    result.index = experiment.index;
    result.cells.assign(50, 0.5);
    if (arrays == with_arrays)
        result.arrays = {std::vector<std::uint8_t>(34 * 34 * 4), std::vector<std::uint8_t>(34 * 8),
                         std::vector<std::uint8_t>(300 * 20)};
    return result;
}

void commit_rows(benchmark::State& state) {
    auto const arrays = static_cast<Arrays>(state.range(0));
    auto const driver = static_cast<h5::Driver>(state.range(1));
    auto const durability = static_cast<store::Durability>(state.range(2));
    auto const path =
        std::filesystem::current_path() / ("vaster-store-bench-" + std::to_string(::getpid()) + ".h5");
    auto const plan = plan_of(arrays);
    store::create(path, {}, schema_of(arrays), plan, {}, store::OnExisting::replace);
    {
        store::Writer writer(path, durability, driver);
        std::size_t next = 0;
        for (auto _ : state) {
            auto const& experiment = plan.experiments[next++];
            writer.learn({experiment});
            writer.mark_running({experiment.index});
            writer.commit(result_of(experiment, arrays), {0, "node7", 1});
            writer.log_attempt({experiment.index, 1, 0, "node7", 1, 1, "done", ""});
        }
    }
    std::filesystem::remove(path);
    state.SetItemsProcessed(state.iterations());
}

/// Rank 0's part of a result of another rank.
void log_attempts(benchmark::State& state) {
    auto const driver = static_cast<h5::Driver>(state.range(0));
    auto const durability = static_cast<store::Durability>(state.range(1));
    auto const path =
        std::filesystem::current_path() / ("vaster-store-bench-" + std::to_string(::getpid()) + ".h5");
    store::create(path, {}, schema_of(without_arrays), plan_of(without_arrays), {},
                  store::OnExisting::replace);
    {
        store::Writer writer(path, durability, driver);
        std::uint64_t next = 0;
        for (auto _ : state) writer.log_attempt({next++ % n_experiments, 1, 0, "node7", 1, 1, "done", ""});
    }
    std::filesystem::remove(path);
    state.SetItemsProcessed(state.iterations());
}

void drivers_and_durabilities(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"driver", "durability"});
    for (auto const driver : {h5::Driver::direct, h5::Driver::mpi})
        for (auto const durability :
             {store::Durability::commit, store::Durability::group, store::Durability::none})
            bench->Args({static_cast<int>(driver), static_cast<int>(durability)});
}

void all_ways(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"arrays", "driver", "durability"});
    for (auto const arrays : {without_arrays, with_arrays})
        for (auto const driver : {h5::Driver::direct, h5::Driver::mpi})
            for (auto const durability :
                 {store::Durability::commit, store::Durability::group, store::Durability::none})
                bench->Args({arrays, static_cast<int>(driver), static_cast<int>(durability)});
}

BENCHMARK(commit_rows)->Apply(all_ways)->Iterations(2000)->UseRealTime()->MeasureProcessCPUTime();

/// Twice round the ring.
BENCHMARK(log_attempts)
    ->Apply(drivers_and_durabilities)
    ->Iterations(32768)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace

int main(int argc, char** argv) {
    mpi::Session const session(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
