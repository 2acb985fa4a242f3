// The run loop on real ranks, with real servers and children, and a journal in memory.
#include "core/engine/run.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <boost/serialization/map.hpp>
#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"
#include "core/study/serialization.hpp"
#include "toy_study.hpp"

using namespace vaster;
using namespace vaster::engine;

namespace {

/// MPI runs already (see catch_mpi_main.cpp): the session joins in.
mpi::Session& session() {
    static int argc = 0;
    static char** argv = nullptr;
    static mpi::Session one(argc, argv);
    return one;
}

class MemoryJournal final : public study::Journal, public study::RankZeroJournal {
  public:
    void learn(std::vector<study::Experiment> const& experiments) override {
        for (auto const& one : experiments) learnt.insert(one.index);
    }

    void mark_running(std::vector<study::ExperimentIndex> const& indices) override {
        for (auto const index : indices) CHECK(learnt.contains(index));
        running.insert(indices.begin(), indices.end());
    }

    void commit(study::Result const& result, study::Origin const& origin) override {
        CHECK(running.contains(result.index));
        CHECK(origin.rank == session().rank());
        commits[result.index].push_back(std::get<double>(result.cells.at(0)));
    }

    void idle() override { ++idles; }

    void fail(study::ExperimentIndex index, std::string const& error, study::Origin const&) override {
        CHECK(session().rank() == 0);
        CHECK(failures.emplace(index, error).second);
    }

    void release(study::ExperimentIndex index) override {
        CHECK(session().rank() == 0);
        released.push_back(index);
    }

    void append_experiments(std::vector<study::Experiment> const& experiments) override {
        CHECK(session().rank() == 0);
        appended.push_back(experiments);
    }

    void log_attempt(study::Attempt const& attempt) override {
        CHECK(session().rank() == 0);
        attempts.push_back(attempt);
    }

    void log_cost(std::vector<study::MeasuredCost> const& all) override {
        CHECK(session().rank() == 0);
        costs = all;
    }

    std::set<study::ExperimentIndex> learnt;
    std::set<study::ExperimentIndex> running;
    std::vector<std::vector<study::Experiment>> appended;
    std::map<study::ExperimentIndex, std::vector<double>> commits;
    std::map<study::ExperimentIndex, std::string> failures;
    std::vector<study::ExperimentIndex> released;
    std::vector<study::Attempt> attempts;
    std::vector<study::MeasuredCost> costs;
    std::uint64_t idles = 0;
};

class CountingListener final : public study::Listener {
  public:
    void on_commit(study::ExperimentIndex, study::Origin const&) override { ++commits; }

    void on_task_start(int rank, study::Task const& task, std::string const& /*label*/) override {
        CHECK(running.emplace(rank, task.number).second);  // one at a time
    }

    void on_task_end(int rank, study::TaskEnd const& task) override {
        CHECK(running[rank] == task.task);
        running.erase(rank);
    }

    void on_notice(std::string const& text) override { notices.push_back(text); }

    void on_tick(study::Progress const&) override { ++ticks; }

    void on_end(study::Progress const& progress) override { end = progress; }

    std::map<int, std::uint64_t> running;
    std::uint64_t commits = 0;
    std::uint64_t ticks = 0;
    std::vector<std::string> notices;
    study::Progress end;
};

/// What all ranks committed, on rank 0.
using Commits = std::map<study::ExperimentIndex, std::vector<double>>;

Commits gather(Commits const& own) {
    mpi::Channel<Commits> channel(session(), mpi::Topic::agreement);
    channel.send(0, own);
    Commits all;
    if (session().rank() != 0) {
        REQUIRE(session().flush(30));
        return all;
    }
    mpi::Backoff backoff;
    for (int missing = session().size(); missing > 0;) {
        auto const received = channel.try_receive();
        if (!received) {
            backoff.wait();
            continue;
        }
        for (auto const& [index, values] : received->message)
            all[index].insert(all[index].end(), values.begin(), values.end());
        --missing;
    }
    return all;
}

struct Run {
    Totals totals;
    MemoryJournal journal;
    CountingListener listener;
    Commits commits;  ///< of all ranks, on rank 0
};

EngineOptions quick_retries() {
    EngineOptions options;
    options.retry.retries = 2;
    options.retry.delay_seconds = 0.01;
    options.limits.timeout_seconds = 3600;
    options.limits.memory_bytes = std::uint64_t{128} << 20U;
    return options;
}

void run(
    Run& run, std::string const& config_text, EngineOptions const& options,
    std::function<bool()> const& stop = [] { return false; }) {
    TaskServer server({VASTER_TOY_SERVER});
    Description const description = server.open(config_text, 60);
    Supervisor supervisor(std::move(server));
    StartingPoint start;
    bool const may_grow = description.growth() == study::Growth::staged;
    if (may_grow) start.capacity = description.capacity;
    for (auto const& experiment : description.experiments) {
        bool const skipped = !experiment.skip_reason.empty();
        if (!skipped) start.to_do.push_back(experiment);
        start.skipped += skipped ? 1 : 0;
        if (may_grow)
            start.rows.push_back({experiment, skipped ? study::Status::skipped : study::Status::pending, {}});
    }
    EngineOptions all = options;
    all.growth = description.growth();
    run.totals = run_study(session(), supervisor, run.journal, run.journal, run.listener, start, all,
                           {[&] { return stop() ? Stop::drain : Stop::no; }, [] { return false; }});
    run.commits = gather(run.journal.commits);
}

void check_committed_once(Run const& run, std::size_t count,
                          std::set<study::ExperimentIndex> const& except = {}) {
    if (session().rank() != 0) return;
    CHECK(run.commits.size() == count - except.size());
    for (auto const& [index, values] : run.commits) {
        CHECK_FALSE(except.contains(index));
        CHECK(values == std::vector<double>{toy_value(index)});
    }
}

}  // namespace

TEST_CASE("every result is committed exactly once, by the rank that computed it", "[engine][run]") {
    Run one;
    run(one, "count=60 group=3", quick_retries());
    CHECK(one.totals.done == 60);
    CHECK(one.totals.complete());
    CHECK_FALSE(one.totals.drained);
    check_committed_once(one, 60);
    if (session().rank() != 0) return;
    CHECK(one.listener.commits == 60);
    CHECK(one.listener.end.done == 60);
    CHECK(one.listener.end.running == 0);
    CHECK(one.listener.end.workers == static_cast<std::uint64_t>(session().size()));
    CHECK(one.journal.attempts.size() == 60);
    REQUIRE(one.journal.costs.size() == 1);
    CHECK(one.journal.costs[0].expected_seconds == Approx(60));
    CHECK(one.journal.costs[0].measured_seconds > 0);
}

TEST_CASE("there can be fewer tasks than ranks, and none at all", "[engine][run]") {
    Run one;
    run(one, "count=1", quick_retries());
    CHECK(one.totals.done == 1);
    Run none;
    run(none, "count=0", quick_retries());
    CHECK(none.totals.done == 0);
    CHECK(none.totals.complete());
}

TEST_CASE("faults cost their experiments alone, are tried again and are recorded", "[engine][run]") {
    std::string faults = "count=24 group=4 crash:3 exit:5:1 error:13 kill-server:21:1";
#ifndef VASTER_SANITIZED  // under which a child's memory is not limited: it would fill the machine
    faults += " memory:17:1";
#endif
    Run one;
    run(one, faults, quick_retries());
    CHECK(one.totals.done == 22);
    CHECK(one.totals.failed == 2);
    CHECK(one.totals.left == 0);
    CHECK(one.totals.lost_ranks == 0);
    CHECK_FALSE(one.totals.complete());
    check_committed_once(one, 24, {3, 13});
    if (session().rank() != 0) return;
    CHECK(one.journal.failures ==
          std::map<study::ExperimentIndex, std::string>{{3, "crash: killed by SIGSEGV"},
                                                        {13, "error: the toy does not converge"}});
    std::map<study::ExperimentIndex, std::vector<std::string>> outcomes;
    for (auto const& attempt : one.journal.attempts) {
        auto& seen = outcomes[attempt.index];
        seen.push_back(attempt.outcome);
        CHECK(attempt.attempt == static_cast<std::int64_t>(seen.size()));
    }
    using Outcomes = std::vector<std::string>;
    CHECK(outcomes[3] == Outcomes{"crash", "crash", "crash"});
    CHECK(outcomes[5] == Outcomes{"crash", "done"});
    CHECK(outcomes[13] == Outcomes{"error"});
#ifndef VASTER_SANITIZED
    CHECK(outcomes[17] == Outcomes{"out of memory", "done"});
#endif
    CHECK(outcomes[21] == Outcomes{"infrastructure", "done"});
    CHECK(outcomes[0] == Outcomes{"done"});
}

TEST_CASE("a hang costs its experiment an attempt", "[engine][run]") {
    Run one;
    auto options = quick_retries();
    options.limits.timeout_seconds = 1;
    options.retry.retries = 10;  // a machine under load may be slow for the others, too
    run(one, "count=8 group=4 hang:5:1", options);
    CHECK(one.totals.complete());
    check_committed_once(one, 8);
    if (session().rank() != 0) return;
    auto const hung =
        std::find_if(one.journal.attempts.begin(), one.journal.attempts.end(),
                     [](auto const& attempt) { return attempt.index == 5 && attempt.outcome == "timeout"; });
    CHECK(hung != one.journal.attempts.end());
}

TEST_CASE("a run that is asked to stop on one rank stops on all, and what is finished is kept",
          "[engine][run]") {
    Run one;
    int const asked = session().size() - 1;
    double const start = monotonic_seconds();
    double asked_at = 0;
    auto const stop = [&] {
        if (session().rank() != asked || monotonic_seconds() - start < 0.5) return false;
        if (asked_at == 0) asked_at = monotonic_seconds();
        return true;
    };
    run(one, "count=400 seconds=0.1 hang:7", quick_retries(), stop);
    CHECK(one.totals.drained);
    CHECK(one.totals.failed == 0);
    CHECK(one.totals.left > 0);
    CHECK(one.totals.done + one.totals.left == 400);
    if (session().rank() != 0) return;
    CHECK(one.commits.size() == one.totals.done);
    CHECK(one.journal.failures.empty());
    CHECK(one.listener.end.draining);
}

TEST_CASE("what ranks report while the run ends is in the totals and the attempts", "[engine][run]") {
    auto options = quick_retries();
    options.limits.bundle_seconds = 0.02;
    options.drain_limit_seconds = 0;  // rank 0 waits for nobody
    options.drain_grace_seconds = 2;  // and nobody hurries
    double const start = monotonic_seconds();
    Run one;
    run(one, "count=4000 seconds=0.003 crash:500:1", options,
        [&] { return session().rank() == 0 && monotonic_seconds() - start > 0.7; });
    CHECK(one.totals.drained);
    CHECK(one.totals.done + one.totals.left == 4000);
    CHECK(one.totals.lost_ranks == 0);
    if (session().rank() != 0) return;
    CHECK(one.commits.size() == one.totals.done);
    CHECK(one.listener.commits == one.totals.done);
    CHECK(one.listener.end.done == one.totals.done);
    std::set<study::ExperimentIndex> told;
    for (auto const& attempt : one.journal.attempts)
        if (attempt.outcome == "done") CHECK(told.insert(attempt.index).second);
    CHECK(told.size() == one.totals.done);
}

TEST_CASE("prefetched tasks are done, or given back when the run is to stop", "[engine][run]") {
    auto options = quick_retries();
    options.limits.bundle_seconds = 0.02;
    std::string const many = "count=1000 seconds=0.002 crash:300:1 kill-server:400:1";
    Run all;
    run(all, many, options);
    CHECK(all.totals.complete());
    check_committed_once(all, 1000);
    CHECK(all.listener.running.empty());

    Run some;
    double const start = monotonic_seconds();
    run(some, many, options, [&] { return monotonic_seconds() - start > 0.3; });
    CHECK(some.totals.drained);
    CHECK(some.totals.done + some.totals.left == 1000);
    if (session().rank() == 0) CHECK(some.commits.size() == some.totals.done);
}

TEST_CASE("all ranks have the same totals", "[engine][run]") {
    Run one;
    run(one, "count=10 error:4", quick_retries());
    CHECK(one.totals.done == 9);
    CHECK(one.totals.failed == 1);
}

TEST_CASE("a stop before the start runs nothing", "[engine][run]") {
    Run one;
    run(one, "count=10", quick_retries(), [] { return true; });
    CHECK(one.totals.drained);
    CHECK(one.totals.left == 10);
    CHECK(one.totals.done == 0);
}

TEST_CASE("a plan grows from its results, and the last answer ends it", "[engine][run][growth]") {
    Run one;
    run(one, "count=10 stages=3 skips crash:12 error:13 crash:27:1", quick_retries());
    CHECK(one.totals.done == 22);
    CHECK(one.totals.failed == 2);
    CHECK(one.totals.left == 0);
    CHECK_FALSE(one.totals.unplanned);
    check_committed_once(one, 30, {4, 9, 12, 13, 14, 19, 24, 29});
    if (session().rank() != 0) return;
    CHECK(one.listener.end.total == 24);
    CHECK(one.listener.end.most == 24);
    CHECK(one.listener.end.skipped == 6);
    REQUIRE(one.journal.appended.size() == 2);
    double sum = 0;
    auto const add = [&](std::set<study::ExperimentIndex> const& indices) {
        for (auto const index : indices) sum += toy_value(index);
    };
    add({0, 1, 2, 3, 5, 6, 7, 8});
    CHECK(one.journal.appended[0].front().id.value == 10 + static_cast<std::uint64_t>(1000 * sum));
    add({10, 11, 15, 16, 17, 18});
    CHECK(one.journal.appended[1].front().id.value == 20 + static_cast<std::uint64_t>(1000 * sum));
}

TEST_CASE("a run that stops before its plan is whole is not complete", "[engine][run][growth]") {
    Run one;
    run(one, "count=4 stages=3", quick_retries(), [] { return true; });
    CHECK(one.totals.drained);
    CHECK(one.totals.unplanned);
    CHECK_FALSE(one.totals.complete());
    CHECK(one.journal.appended.empty());
}

TEST_CASE("a plan that cannot go on ends the run with the study's words", "[engine][run][growth]") {
    if (session().size() > 1) return;  // the others would wait for rank 0 in vain
    Run one;
    CHECK_THROWS_WITH(run(one, "count=4 stages=2 error:plan", quick_retries()),
                      Catch::Contains("the toy does not converge"));
    CHECK(one.commits.empty());
    CHECK(one.journal.commits.size() == 4);
    Run two;
    CHECK_THROWS_WITH(run(two, "count=4 stages=2 kill-server:plan", quick_retries()),
                      Catch::Contains("the task server failed"));
    CHECK(std::count_if(two.listener.notices.begin(), two.listener.notices.end(), [](auto const& text) {
              return text.find("asking again") != std::string::npos;
          }) == 2);
}
