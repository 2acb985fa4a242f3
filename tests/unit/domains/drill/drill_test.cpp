#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/study/growth.hpp"
#include "domains/drill/drill_kind.hpp"
#include "vaster/study/long_plan.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::drill;

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
    auto const study = make_drill()->open(config, study::FromSource()).study;
    study::Task task;
    for (auto const& experiment : study->next_experiments(NoRecords()))
        task.items.push_back({experiment, attempt});
    Collector collector;
    Watcher watcher;
    study->run(task, collector, watcher);
    return collector.results;
}

}  // namespace

TEST_CASE("a drill says its first experiments one by one as it says them all together", "[study][drill]") {
    auto const study = make_drill()->open(config(50), study::FromSource()).study;
    REQUIRE(dynamic_cast<study::HasLongPlan const*>(study.get()) != nullptr);
    auto const together = study->next_experiments(NoRecords());
    auto const one_by_one = study::checked_first_experiments(*study);
    CHECK(one_by_one.size() == 50);
    CHECK(one_by_one.hash() == study::hash_of(together));
}

TEST_CASE("a drill's arrays have the lengths that its plan and schema say", "[study][drill]") {
    auto const study = make_drill()->open(config(10), study::FromSource()).study;
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

TEST_CASE("a drill's results depend on seed and experiment alone", "[study][drill]") {
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

TEST_CASE("a fault strikes its experiment for as many attempts as it says", "[study][drill]") {
    auto const faulty = config(6, {"error:4:2"});
    CHECK_THROWS_AS(run_all(faulty, 1), ModelError);
    CHECK_THROWS_WITH(run_all(faulty, 2), "experiment 4 fails as drill.faults asks");
    CHECK(run_all(faulty, 3).size() == 6);
    CHECK_THROWS_AS(run_all(config(6, {"error:4"}), 1000), ModelError);
}

TEST_CASE("a drill's next generation follows from the results of the one before", "[study][drill]") {
    auto with_generations = config(6);
    with_generations.set("drill.generations", std::int64_t{3});
    auto const study = make_drill()->open(with_generations, study::FromSource()).study;
    CHECK(study->capacity() == 18);
    study::KnownRecords records(study->schema());
    auto const settle = [&](std::vector<double> const& values) {
        std::vector<study::KnownRow> rows;
        auto const next = study::checked_next_experiments(*study, records);
        for (std::size_t i = 0; i < next.size(); ++i) {
            bool const failed = values[i] < 0;
            rows.push_back({next[i], failed ? study::Status::failed : study::Status::done, {}});
            if (!failed) rows[i].cells = {values[i], std::int64_t{5}, 0.1};
        }
        records.set(records.size(), rows);
        return next;
    };
    auto const parents = [](std::vector<study::Experiment> const& generation) {
        std::vector<std::int64_t> found;
        for (auto const& one : generation) found.push_back(std::get<std::int64_t>(one.design[3]));
        return found;
    };
    using Parents = std::vector<std::int64_t>;
    CHECK(parents(settle({0.1, 0.9, 0.5, 0.7, 0.3, 0.2})) == Parents(6, -1));
    auto const second = settle({-1, -1, 0.4, -1, -1, -1});
    CHECK(parents(second) == Parents{1, 3, 2, 1, 3, 2});
    CHECK(second.front().index == 6);
    CHECK(second.front().group == 2);
    CHECK(second.front().first_row == 0 + 1 + 2 + 3 + 0 + 1);
    CHECK(std::get<std::string>(second[1].design[1]) == "drill 7 of 3");
    CHECK(parents(settle({1, 1, 1, 1, 1, 1})) == Parents(6, 8));
    CHECK(settle({}).empty());
    CHECK(study->row_capacity() == (0 + 1 + 2 + 3) * 4 + 0 + 1);
}

TEST_CASE("each fault that cannot be read is named", "[study][drill]") {
    auto const kind = make_drill();
    CHECK(kind->problems(config(6, {"crash:1", "hang:2:1", "oom:3", "exit:5:7"})).empty());
    auto const problems =
        kind->problems(config(6, {"crash", "burn:1", "hang:x", "oom:6", "exit:1:", "error:1:2:3"}));
    REQUIRE(problems.size() == 6);
    CHECK_THAT(problems[0], Catch::Contains("\"crash\""));
    CHECK_THAT(problems[3], Catch::Contains("the last of 6 experiments is 5"));
}
