#include "vaster/workloads/drill.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::workloads;

namespace {

class NoRecords final : public study::Records {
  public:
    [[nodiscard]] std::size_t size() const override { return 0; }

    [[nodiscard]] study::Experiment const& experiment(std::size_t) const override {
        throw std::out_of_range("none");
    }

    [[nodiscard]] bool done(std::size_t) const override { return false; }

    [[nodiscard]] bool skipped(std::size_t) const override { return false; }

    [[nodiscard]] study::Cells const& cells(std::size_t) const override { throw std::out_of_range("none"); }
};

class Collector final : public study::Sink {
  public:
    void begin(study::ExperimentIndex) override {}

    void finish(study::Result result) override { results.push_back(std::move(result)); }

    std::vector<study::Result> results;
};

study::Config config(std::int64_t experiments, std::vector<std::string> faults = {}, std::int64_t seed = 42) {
    auto const kind = make_drill();
    study::Config config(study::all_tables(*kind));
    config.set("study.seed", seed);
    config.set("drill.experiments", experiments);
    config.set("drill.group_size", std::int64_t{3});
    config.set("drill.seconds", 0.0);
    config.set("drill.faults", std::move(faults));
    return config;
}

std::vector<study::Result> run_all(study::Config const& config, std::uint32_t attempt = 1) {
    auto const study = make_drill()->open(config);
    study::Task task;
    for (auto const& experiment : study->next_experiments(NoRecords()))
        task.items.push_back({experiment, attempt});
    Collector collector;
    Watcher watcher;
    study->run(task, collector, watcher);
    return collector.results;
}

}  // namespace

TEST_CASE("a drill's arrays have the lengths that its plan and schema say", "[workloads][drill]") {
    auto const study = make_drill()->open(config(10));
    auto const experiments = study->next_experiments(NoRecords());
    auto const& schema = study->schema();
    REQUIRE(experiments.size() == 10);
    CHECK(study->capacity() == 10);
    auto const collected = run_all(config(10));
    REQUIRE(collected.size() == 10);
    std::uint64_t first_row = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        CHECK(experiments[i].index == i);
        CHECK(experiments[i].group == i / 3);
        CHECK(experiments[i].design.size() == schema.design.size());
        CHECK(experiments[i].first_row == first_row);
        first_row += experiments[i].n_rows;
        auto const& result = collected[i];
        CHECK(result.index == i);
        CHECK(result.cells.size() == schema.results.size());
        CHECK(result.arrays[0].size() == schema.arrays[0].shape[0] * element_bytes(schema.arrays[0]));
        CHECK(result.arrays[1].size() == experiments[i].n_rows * element_bytes(schema.arrays[1]));
    }
}

TEST_CASE("a drill's results depend on seed and experiment alone", "[workloads][drill]") {
    auto const first = run_all(config(6));
    auto const again = run_all(config(6), 3);
    auto const other = run_all(config(6, {}, 43));
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(first[i].cells[0] == again[i].cells[0]);
        CHECK(first[i].arrays == again[i].arrays);
        CHECK(first[i].cells[0] != other[i].cells[0]);
    }
    CHECK(first[0].cells[0] != first[1].cells[0]);
}

TEST_CASE("a fault strikes its experiment for as many attempts as it says", "[workloads][drill]") {
    auto const faulty = config(6, {"error:4:2"});
    CHECK_THROWS_AS(run_all(faulty, 1), ModelError);
    CHECK_THROWS_WITH(run_all(faulty, 2), "experiment 4 fails as drill.faults asks");
    CHECK(run_all(faulty, 3).size() == 6);
    CHECK_THROWS_AS(run_all(config(6, {"error:4"}), 1000), ModelError);
}

TEST_CASE("each fault that cannot be read is named", "[workloads][drill]") {
    auto const kind = make_drill();
    CHECK(kind->problems(config(6, {"crash:1", "hang:2:1", "oom:3", "exit:5:7"})).empty());
    auto const problems =
        kind->problems(config(6, {"crash", "burn:1", "hang:x", "oom:6", "exit:1:", "error:1:2:3"}));
    REQUIRE(problems.size() == 6);
    CHECK_THAT(problems[0], Catch::Contains("\"crash\""));
    CHECK_THAT(problems[3], Catch::Contains("the last of 6 experiments is 5"));
}
