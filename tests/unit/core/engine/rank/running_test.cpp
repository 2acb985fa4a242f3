#include "core/engine/rank/running.hpp"

#include <csignal>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

#include "core/study/serialization.hpp"

using namespace vaster;
using namespace vaster::engine;
using study::Failure;

namespace {

using Indices = std::vector<study::ExperimentIndex>;

constexpr double time_limit = 10;

/// A task of two fit groups, begun at 100 s.
Running two_groups() {
    study::Task task;
    task.number = 7;
    for (std::uint64_t index = 0; index < 4; ++index) {
        study::Experiment one;
        one.index = index;
        one.group = index / 2;
        task.items.push_back({one, 1});
    }
    return {RunningTask(task), std::uint64_t{1} << 30U, time_limit, 100};
}

Frame result_of(study::ExperimentIndex index) {
    return {FrameKind::result, study::pack(study::Result{index, {}, {}, 0}), {}};
}

ChildExit killed_by(int signal) {
    return {1, signal, 4096};
}

}  // namespace

TEST_CASE("a task is completed by its results, whatever the child says of its end", "[engine][running]") {
    Running running = two_groups();
    std::vector<study::Result> results;
    for (std::uint64_t index = 0; index < 3; ++index) running.hear(result_of(index), results);
    CHECK_FALSE(running.completed());
    running.hear(result_of(3), results);
    CHECK(running.completed());
    CHECK(results.size() == 4);
    auto const end = running.judge(killed_by(SIGSEGV), "", 105);
    CHECK(end.completed);
    CHECK(end.task == 7);
    CHECK(end.seconds == 5);
    CHECK(end.peak_rss_bytes == 4096);
    CHECK(end.blamed.empty());
}

TEST_CASE("what a child has begun is to blame, else the first fit group without all results",
          "[engine][running]") {
    Running running = two_groups();
    std::vector<study::Result> results;
    auto const blamed = [&] { return running.judge(killed_by(SIGSEGV), "", 101).blamed; };
    CHECK(blamed() == Indices{0, 1});
    running.hear(result_of(0), results);
    CHECK(blamed() == Indices{1});
    running.hear({FrameKind::began, study::pack(Indices{3}), {}}, results);
    CHECK(blamed() == Indices{3});
    running.hear(result_of(3), results);
    CHECK(blamed() == Indices{1});
}

TEST_CASE("the child's own word explains an end better than how its process ended", "[engine][running]") {
    Running running = two_groups();
    std::vector<study::Result> results;
    running.hear({FrameKind::failed, "no convergence", {}}, results);
    auto const end = running.judge(killed_by(SIGKILL), "", 101);
    CHECK(end.failure == Failure::error);
    CHECK(end.message == "no convergence");
}

TEST_CASE("a kill of ours is told from one from outside", "[engine][running]") {
    auto const end_after = [](std::optional<Kill::Why> why) {
        Running running = two_groups();
        if (why) running.kill = Kill{*why, 105};
        return running.judge(killed_by(SIGKILL), "", 106);
    };
    CHECK(end_after(Kill::Why::timeout).failure == Failure::timeout);
    CHECK(end_after(Kill::Why::interrupt).failure == Failure::interrupted);
    CHECK(end_after(Kill::Why::interrupt).blamed.empty());
    CHECK(end_after(Kill::Why::lingering).failure == Failure::crash);
    CHECK(end_after(std::nullopt).message ==
          "killed by SIGKILL from outside; perhaps the machine ran out of memory");
}

TEST_CASE("a plan is completed by its answer, which a task's results do not replace", "[engine][running]") {
    Running running(RunningPlan(), 1, time_limit, 0);
    std::vector<study::Result> results;
    running.hear(result_of(0), results);
    CHECK(results.empty());
    CHECK_FALSE(running.completed());
    CHECK(running.judge(std::nullopt, "it died", 1).message == "the task server failed: it died");
    running.hear({FrameKind::planned, study::pack(std::vector<study::Experiment>()), {}}, results);
    CHECK(running.completed());
}

TEST_CASE("time in which the rank itself was stopped does not count", "[engine][running]") {
    Running running = two_groups();
    running.kill = Kill{Kill::Why::timeout, 105};
    running.postpone(60);
    CHECK(running.deadline == 100 + time_limit + 60);
    CHECK(running.kill->at == 165);
}
