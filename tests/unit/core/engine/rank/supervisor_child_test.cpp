#include <csignal>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include "core/engine/rank/supervisor.hpp"
#include "few_descriptors.hpp"
#include "supervisor_bench.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;
using namespace vaster::engine::bench;
using study::Failure;

namespace {

/// The process that did the experiment as a task of its own.
pid_t doer_of(Bench& bench, std::size_t experiment, std::uint32_t attempt = 1) {
    auto task = bench.task();
    task.items = {task.items.at(experiment)};
    task.items[0].attempt = attempt;
    auto const outcome = bench.run(task);
    INFO(outcome.report.end.message);
    REQUIRE(outcome.results.size() == 1);
    CHECK(outcome.report.end.peak_rss_bytes > 100000);
    return static_cast<pid_t>(std::get<double>(outcome.results[0].cells[0]));
}

}  // namespace

TEST_CASE("a child that got through a task gets the next one, too", "[engine][supervisor]") {
    Bench bench("count=3 processes crash:2");
    pid_t const child = doer_of(bench, 0);
    CHECK(doer_of(bench, 1) == child);
    SECTION("until one fails") {
        auto task = bench.task();
        task.items = {task.items[2]};
        CHECK(bench.run(task).report.end.failure == Failure::crash);
        CHECK(doer_of(bench, 0) != child);
    }
    SECTION("but nothing that is tried again, which gets a child of its own") {
        pid_t const second = doer_of(bench, 0, 2);
        CHECK(second != child);
        CHECK(::kill(child, 0) != 0);  // one at a time
        CHECK(doer_of(bench, 1) == second);
    }
    SECTION("unless it is killed while it waits") {
        REQUIRE(::kill(child, SIGKILL) == 0);
        while (::kill(child, 0) == 0) ::usleep(1000);  // until its server has buried it
        (void)bench.supervisor.step(0.1);
        CHECK(doer_of(bench, 0) != child);
    }
    SECTION("unless its server is killed") {
        REQUIRE(::kill(bench.supervisor.server().process(), SIGKILL) == 0);
        Outcome outcome;
        while (bench.supervisor.ready()) (void)bench.supervisor.step(0.1);
        bench.wait_until_ready(outcome);
        CHECK(doer_of(bench, 0) != child);
    }
}

TEST_CASE("a computation may use the threads of its task, each with 64 MiB of its memory",
          "[engine][supervisor]") {
    Bench bench("count=1 threads");
    auto const threads = [&](std::uint32_t wanted, std::uint64_t mebibytes) {
        auto task = bench.task();
        task.threads = wanted;
        task.memory_bytes = mebibytes << 20U;
        auto const outcome = bench.run(task);
        REQUIRE(outcome.results.size() == 1);
        return std::get<double>(outcome.results[0].cells[0]);
    };
    CHECK(threads(3, 256) == 3);
    CHECK(threads(1, 256) == 1);
    CHECK(threads(8, 256) == 4);
    CHECK(threads(8, 32) == 1);
}

TEST_CASE("an interrupted task ends its child", "[engine][supervisor]") {
    Bench bench("count=2 processes hang:1");
    pid_t const child = doer_of(bench, 0);
    auto task = bench.task();
    task.items = {task.items[1]};
    bench.supervisor.start(task);
    bench.supervisor.interrupt();
    CHECK(bench.finish().report.end.failure == Failure::interrupted);
    CHECK(doer_of(bench, 0) != child);
}

#ifndef VASTER_SANITIZED  // under which a child's memory is not limited
TEST_CASE(
    "a task has as much memory after another one as in a child of its own, and much left behind ends the "
    "child",
    "[engine][supervisor]") {
    Bench bench("count=3 processes leak100:0 leak180:1");  // of 256 MiB
    pid_t const child = doer_of(bench, 0);
    CHECK(doer_of(bench, 1) == child);
    CHECK(doer_of(bench, 2) != child);
}
#endif

TEST_CASE("what an earlier task needed does not count as a later one's peak", "[engine][supervisor]") {
    Bench bench("count=2 processes peak:0");
    auto const peak_of = [&](std::size_t experiment) {
        auto task = bench.task();
        task.items = {task.items.at(experiment)};
        auto const outcome = bench.run(task);
        REQUIRE(outcome.results.size() == 1);
        CHECK(outcome.report.end.peak_rss_bytes == outcome.results[0].peak_rss_bytes);
        return std::make_pair(std::get<double>(outcome.results[0].cells[0]),
                              outcome.results[0].peak_rss_bytes);
    };
    auto const [child, high] = peak_of(0);
    auto const [same_child, low] = peak_of(1);
    REQUIRE(child == same_child);
    CHECK(high > std::uint64_t{100} << 20U);
#ifndef VASTER_SANITIZED  // which keeps what was freed
    CHECK(low < std::uint64_t{50} << 20U);
#endif
}

TEST_CASE("a study is asked for its next stage in a child, and told only what is new",
          "[engine][supervisor]") {
    Bench bench("count=3 stages=3");
    CHECK(bench.description.growth() == study::Growth::staged);
    std::vector<study::KnownRow> rows;
    auto const settle = [&](std::vector<study::Experiment> const& experiments) {
        for (auto const& one : experiments)
            rows.push_back({one, study::Status::done, {toy_value(one.index)}});
    };
    auto const& first = bench.description.experiments;
    settle({first.begin(), first.end()});
    /// As the toy makes an id: from the index and the sum of the values so far.
    auto const expected_id = [&] {
        double sum = 0;
        for (auto const& row : rows) sum += toy_value(row.experiment.index);
        return rows.size() + static_cast<std::uint64_t>(1000 * sum);
    };
    auto const ask = [&] {
        bench.supervisor.plan(rows, rows.size() + 1, std::uint64_t{512} << 20U, patience_seconds);
        double const deadline = monotonic_seconds() + patience_seconds;
        while (monotonic_seconds() < deadline) {
            auto events = bench.supervisor.step(0.1);
            if (!events.plan) continue;
            Outcome ignored;
            bench.wait_until_ready(ignored);
            return *events.plan;
        }
        throw std::runtime_error("the plan did not come");
    };
    auto const second = ask();
    CHECK(second.report.end.completed);
    REQUIRE(second.next.size() == 3);
    CHECK(second.next[0].index == 3);
    CHECK(second.next[0].id.value == expected_id());
    settle(second.next);
    ::kill(bench.supervisor.server().process(), SIGKILL);  // a new server must be told everything again
    Outcome restarted;
    while (bench.supervisor.ready()) (void)bench.supervisor.step(0.1);
    bench.wait_until_ready(restarted);
    auto const third = ask();
    REQUIRE(third.next.size() == 3);
    CHECK(third.next[0].id.value == expected_id());
    settle(third.next);
    auto const none = ask();
    CHECK(none.report.end.completed);
    CHECK(none.next.empty());
    auto const crash = [&](std::string const& fault) {
        Bench faulty("count=3 stages=2 " + fault);
        faulty.supervisor.plan({rows.begin(), rows.begin() + 3}, rows.size(), std::uint64_t{512} << 20U,
                               patience_seconds);
        for (;;)
            if (auto const events = faulty.supervisor.step(0.1); events.plan) return events.plan->report.end;
    };
    CHECK(crash("crash:plan").failure == study::Failure::crash);
    CHECK(crash("error:plan").message == "the toy does not converge");
    CHECK(crash("exit:plan").failure == study::Failure::crash);
}

#ifndef VASTER_SANITIZED  // which needs a descriptor itself to look at an object
TEST_CASE(
    "a plan for which there are no descriptors left is an infrastructure failure, and may be asked again",
    "[engine][supervisor]") {
    Bench bench("count=2 stages=2");
    std::vector<study::KnownRow> rows;
    for (auto const& one : bench.description.experiments)
        rows.push_back({one, study::Status::done, {toy_value(one.index)}});
    auto const ask = [&] {
        bench.supervisor.plan(rows, rows.size() + 1, std::uint64_t{512} << 20U, patience_seconds);
        for (;;)
            if (auto events = bench.supervisor.step(0.1); events.plan) return *events.plan;
    };
    bool const own = GENERATE(true, false);
    {
        FewDescriptors const few(1, own ? 0 : bench.supervisor.server().process());
        auto const end = ask().report.end;
        CHECK_FALSE(end.completed);
        CHECK(end.failure == Failure::infrastructure);
        CHECK_THAT(end.message, Catch::EndsWith("Too many open files"));
    }
    auto const later = ask();
    CHECK(later.report.end.completed);
    CHECK(later.next.size() == 2);
}
#endif

TEST_CASE(
    "what is not a message in the pipe for results is a failure of the machinery, and the slot works again",
    "[engine][supervisor]") {
    for (std::string const fault : {"babble", "babble-result", "babble-stranger"}) {
        INFO(fault);
        Bench bench(fmt::format("count=3 group=3 {}:1:1", fault));
        auto const outcome = bench.run(bench.task());
        CHECK_FALSE(outcome.report.end.completed);
        CHECK(outcome.report.end.failure == Failure::infrastructure);
        CHECK_THAT(outcome.report.end.message, Catch::Contains("cannot be understood"));
        CHECK(outcome.report.end.blamed == Indices{1});
        CHECK(outcome.results.size() == 1);  // which came before
        check_slot_works(bench);
        check_slot_works_again(bench);
    }
}
