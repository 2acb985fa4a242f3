#include "core/monitor/run_state.hpp"

#include <catch2/catch.hpp>

#include "sample_run.hpp"

using namespace vaster;
using namespace vaster::monitor;

TEST_CASE("the recorder knows what every rank does and did", "[monitor][status]") {
    RunState const state = testing::sample_run();
    REQUIRE(state.ranks.size() == 2);
    CHECK(state.ranks.at(0).done == 2);
    CHECK(state.ranks.at(0).tasks == 2);
    CHECK(state.ranks.at(0).what.empty());
    CHECK(state.ranks.at(0).peak_rss_bytes == 5 << 20);
    CHECK(state.ranks.at(1).running == std::vector<study::ExperimentIndex>{2, 3});
    CHECK(state.ranks.at(1).what == "out_domain A<P 0.5 and 1 more");
    CHECK(state.attempts.at("done") == 2);
    CHECK(state.attempts.at("crash") == 1);
    REQUIRE(state.spans.size() == 2);
    CHECK(state.spans[0].outcome == "done");
    CHECK(state.spans[1].outcome == "crash");
    REQUIRE(state.troubles.size() == 1);
    CHECK(state.troubles[0].final);
    CHECK(state.phase == RunPhase::running);
}

TEST_CASE("a rank that has had a task all the time is fully used", "[monitor][status]") {
    RunState state;
    state.started = 100;
    state.now = 110;
    RankState rank;
    rank.busy_seconds = 4;
    CHECK(utilisation(state, rank) == Approx(0.4));
    rank.what = "a task";
    rank.since = 104;
    CHECK(utilisation(state, rank) == Approx(1.0));
    state.now = state.started;
    CHECK(utilisation(state, rank) == 0);
}

TEST_CASE("what the recorder keeps is bounded", "[monitor][status]") {
    RunRecorder recorder({"s", "k", "f", "v"});
    study::TaskEnd end;
    end.completed = true;
    for (std::uint64_t i = 0; i < 6000; ++i) {
        recorder.on_task_start(0, testing::sample_task(i, {i}), "A");
        recorder.on_task_end(0, end);
        recorder.on_notice("again");
        recorder.on_attempt_failed({i, 1, 0, "h", 0, 0, "error", "m"}, "A", false);
    }
    CHECK(recorder.state().spans.size() == 4000);
    CHECK(recorder.state().notices.size() == 50);
    CHECK(recorder.state().troubles.size() == 100);
    CHECK(recorder.state().troubles.back().attempt.index == 5999);
    CHECK(recorder.state().attempts.at("error") == 6000);
}

TEST_CASE("a rank that is lost works on nothing", "[monitor][status]") {
    RunRecorder recorder({"s", "k", "f", "v"});
    recorder.on_task_start(3, testing::sample_task(1, {5}), "A");
    recorder.on_rank_lost(3);
    CHECK(recorder.state().ranks.at(3).lost);
    CHECK(recorder.state().ranks.at(3).running.empty());
}
