#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "../toy_study.hpp"
#include "base/support/clock.hpp"
#include "core/engine/rank/supervisor.hpp"

/// What the tests of the supervisor share: one with the toy study open, and what becomes of a task.
namespace vaster::engine::bench {

constexpr double patience_seconds = 60;

struct Outcome {
    std::vector<study::Result> results;
    TaskReport report;
    std::vector<std::string> notices;
};

/// A supervisor with the toy study open.
struct Bench {
    explicit Bench(std::string const& config_text) : Bench(TaskServer({VASTER_TOY_SERVER}), config_text) {}

    Bench(TaskServer server, std::string const& config_text)
        : description(server.open(config_text, patience_seconds)), supervisor(std::move(server)) {}

    /// All experiments as one task.
    study::Task task(double timeout_seconds = 60) {
        study::Task task;
        task.number = ++number;
        task.memory_bytes = std::uint64_t{256} << 20U;
        task.timeout_seconds = timeout_seconds;
        for (auto const& experiment : description.experiments) task.items.push_back({experiment, 1});
        return task;
    }

    void wait_until_ready(Outcome& outcome) {
        double const deadline = monotonic_seconds() + patience_seconds;
        while (!supervisor.ready() && !supervisor.broken() && monotonic_seconds() < deadline) {
            auto const events = supervisor.step(0.1);
            outcome.notices.insert(outcome.notices.end(), events.notices.begin(), events.notices.end());
        }
    }

    Outcome run(study::Task const& todo) {
        supervisor.start(todo);
        return finish();
    }

    Outcome finish() {
        Outcome outcome;
        double const deadline = monotonic_seconds() + patience_seconds;
        while (monotonic_seconds() < deadline) {
            auto events = supervisor.step(0.1);
            outcome.notices.insert(outcome.notices.end(), events.notices.begin(), events.notices.end());
            for (auto& result : events.results) outcome.results.push_back(std::move(result));
            if (!events.report) continue;
            outcome.report = std::move(*events.report);
            wait_until_ready(outcome);
            return outcome;
        }
        throw std::runtime_error("the task did not end");
    }

    Description description;
    Supervisor supervisor;
    std::uint64_t number = 0;
};

using Indices = std::vector<study::ExperimentIndex>;

/// The slot works: a task of only the last experiment, which has no fault in these tests.
inline void check_slot_works(Bench& bench) {
    REQUIRE(bench.supervisor.ready());
    auto task = bench.task();
    task.items = {task.items.back()};
    auto const outcome = bench.run(task);
    CHECK(outcome.report.end.completed);
    REQUIRE(outcome.results.size() == 1);
    CHECK(std::get<double>(outcome.results[0].cells[0]) == toy_value(task.items[0].experiment.index));
}

/// The same after a first attempt at it, which may have had a fault.
inline void check_slot_works_again(Bench& bench) {
    auto task = bench.task();
    for (auto& item : task.items) item.attempt = 2;
    CHECK(bench.run(task).report.end.completed);
}

}  // namespace vaster::engine::bench
