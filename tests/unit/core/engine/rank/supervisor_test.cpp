#include "core/engine/rank/supervisor.hpp"

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include "../toy_study.hpp"
#include "base/support/clock.hpp"
#include "core/engine/signals.hpp"
#include "few_descriptors.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;
using study::Failure;

namespace {

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
void check_slot_works(Bench& bench) {
    REQUIRE(bench.supervisor.ready());
    auto task = bench.task();
    task.items = {task.items.back()};
    auto const outcome = bench.run(task);
    CHECK(outcome.report.end.completed);
    REQUIRE(outcome.results.size() == 1);
    CHECK(std::get<double>(outcome.results[0].cells[0]) == toy_value(task.items[0].experiment.index));
}

/// The same after a first attempt at it, which may have had a fault.
void check_slot_works_again(Bench& bench) {
    auto task = bench.task();
    for (auto& item : task.items) item.attempt = 2;
    CHECK(bench.run(task).report.end.completed);
}

}  // namespace

TEST_CASE("a study opens and says what it is", "[engine][server]") {
    Bench bench("count=5 group=2");
    CHECK(bench.description.capacity == 5);
    CHECK(bench.description.data_hash == "toy");
    CHECK(bench.description.schema.results.front().name == "value");
    REQUIRE(bench.description.experiments.size() == 5);
    CHECK(bench.description.experiments[3].group == 1);
}

TEST_CASE("what the study refuses is refused with its words and its exit code", "[engine][server]") {
    TaskServer server({VASTER_TOY_SERVER});
    try {
        (void)server.open("broken", patience_seconds);
        FAIL("it opened");
    } catch (Error const& error) {
        CHECK(error.what() == std::string("the toy's data are broken; mend them"));
        CHECK(error.code() == ExitCode::data);
    }
}

TEST_CASE("a program that is not there is an error that names it", "[engine][server]") {
    CHECK_THROWS_WITH(TaskServer({"/no/such/program"}), Catch::Contains("/no/such/program"));
}

TEST_CASE("a server that dies while it opens the study is an error, not a hang", "[engine][server]") {
    TaskServer server({"/bin/false"});
    CHECK_THROWS_AS(server.open("", patience_seconds), IoError);
}

TEST_CASE("results come in order, then the end", "[engine][supervisor]") {
    Bench bench("count=20 group=20");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.completed);
    CHECK(outcome.report.end.task == 1);
    CHECK(outcome.report.end.blamed.empty());
    CHECK(outcome.report.end.peak_rss_bytes > 100000);
    REQUIRE(outcome.results.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(outcome.results[i].index == i);
        CHECK(std::get<double>(outcome.results[i].cells[0]) == toy_value(i));
        CHECK(outcome.results[i].peak_rss_bytes > 100000);
    }
    check_slot_works(bench);
}

TEST_CASE("a crash costs the experiment that was begun, and what came before is kept",
          "[engine][supervisor]") {
    Bench bench("count=4 group=4 crash:2");
    auto const outcome = bench.run(bench.task());
    CHECK_FALSE(outcome.report.end.completed);
    CHECK(outcome.report.end.failure == Failure::crash);
    CHECK(outcome.report.end.message == "killed by SIGSEGV");
    CHECK(outcome.report.end.blamed == Indices{2});
    CHECK(outcome.results.size() == 2);
    check_slot_works(bench);
}

TEST_CASE("a crash before the first experiment costs all of the task", "[engine][supervisor]") {
    Bench bench("count=3 group=3 crash:fit0");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::crash);
    CHECK(outcome.report.end.blamed == Indices{0, 1, 2});
    CHECK(outcome.results.empty());
}

TEST_CASE("of several fit groups in a task a crash costs only the one that was begun",
          "[engine][supervisor]") {
    Bench bench("count=6 group=2 crash:fit1");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::crash);
    CHECK(outcome.report.end.blamed == Indices{2, 3});
    CHECK(outcome.results.size() == 2);
    Bench inside("count=6 group=2 crash:3");
    auto const later = inside.run(inside.task());
    CHECK(later.report.end.blamed == Indices{3});
    CHECK(later.results.size() == 3);
    check_slot_works(inside);
}

TEST_CASE("an attempt number that is not faulty works", "[engine][supervisor]") {
    Bench bench("count=2 group=2 crash:1:1");
    auto task = bench.task();
    CHECK_FALSE(bench.run(task).report.end.completed);
    for (auto& item : task.items) item.attempt = 2;
    CHECK(bench.run(task).report.end.completed);
}

TEST_CASE("an exit before the task is done is a crash", "[engine][supervisor]") {
    Bench bench("count=3 group=3 exit:1");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::crash);
    CHECK(outcome.report.end.message == "exited with code 3 before it was done");
    CHECK(outcome.report.end.blamed == Indices{1});
    check_slot_works(bench);
}

TEST_CASE("a hang ends at the time limit, which starts again with each sign of progress",
          "[engine][supervisor][alone]") {
    Bench bench("count=8 group=8 seconds=0.3 hang:6");
    auto const outcome = bench.run(bench.task(1.5));  // the first six take 1.8 s together
    CHECK(outcome.report.end.failure == Failure::timeout);
    CHECK(outcome.report.end.message.starts_with("no result within"));
    CHECK(outcome.report.end.blamed == Indices{6});
    CHECK(outcome.results.size() == 6);
    check_slot_works(bench);
}

TEST_CASE("a fit that hangs ends at the time limit", "[engine][supervisor][alone]") {
    Bench bench("count=2 group=2 hang:fit0");
    auto const outcome = bench.run(bench.task(0.3));
    CHECK(outcome.report.end.failure == Failure::timeout);
    CHECK(outcome.report.end.message.starts_with("no sign of progress within"));
    CHECK(outcome.report.end.blamed == Indices{0, 1});
}

#ifndef VASTER_SANITIZED  // under which a child's memory is not limited
TEST_CASE("allocating without end is out of memory, not a crash", "[engine][supervisor]") {
    Bench bench("count=3 group=3 memory:1");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::out_of_memory);
    CHECK(outcome.report.end.message == "needs more than its limit of 256.0 MiB");
    CHECK(outcome.report.end.blamed == Indices{1});
    CHECK(outcome.results.size() == 1);
    CHECK(outcome.report.end.peak_rss_bytes < std::uint64_t{300} << 20U);
    CHECK(outcome.report.end.peak_rss_bytes > std::uint64_t{100} << 20U);
    check_slot_works(bench);
}
#endif

TEST_CASE("an error keeps its words, and a bug and an odd exception are told apart", "[engine][supervisor]") {
    Bench model("count=2 group=2 error:0");
    auto outcome = model.run(model.task());
    CHECK(outcome.report.end.failure == Failure::error);
    CHECK(outcome.report.end.message == "the toy does not converge");
    CHECK(outcome.report.end.blamed == Indices{0});

    Bench bug("count=2 group=2 bug:0");
    outcome = bug.run(bug.task());
    CHECK(outcome.report.end.failure == Failure::error);
    CHECK(outcome.report.end.message == "a broken promise (a bug in the program)");

    Bench odd("count=2 group=2 odd:0");
    outcome = odd.run(odd.task());
    CHECK(outcome.report.end.failure == Failure::error);
    CHECK(outcome.report.end.message == "an exception without a text (a bug in the program)");
}

TEST_CASE("a task that ends without all its results is an error that says so", "[engine][supervisor]") {
    Bench bench("count=3 group=3 silent:1");
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::error);
    CHECK(outcome.report.end.message ==
          "the task ended without a result for experiment 1 (a bug in the program)");
    CHECK(outcome.results.size() == 1);
}

TEST_CASE("what the child prints is kept, the last of it", "[engine][supervisor]") {
    Bench few("count=2 group=2 print crash:1");
    CHECK(few.run(few.task()).report.output == "toy 0 at work\ntoy 1 at work\n");
    Bench many("count=5000 group=5000 print");
    auto const outcome = many.run(many.task());
    CHECK(outcome.report.end.completed);
    CHECK(outcome.report.output.size() <= 2000);
    CHECK(outcome.report.output.ends_with("toy 4999 at work\n"));
}

TEST_CASE("an interrupted task blames nobody", "[engine][supervisor]") {
    Bench bench("count=2 group=2 hang:0");
    bench.supervisor.start(bench.task());
    (void)bench.supervisor.step(0.1);
    bench.supervisor.interrupt();
    auto const outcome = bench.finish();
    CHECK(outcome.report.end.failure == Failure::interrupted);
    CHECK(outcome.report.end.blamed.empty());
    check_slot_works(bench);
}

TEST_CASE("a child that kills its server costs an infrastructure failure, and the server is started again",
          "[engine][supervisor]") {
    Bench bench("count=3 group=3 kill-server:1");
    pid_t const before = bench.supervisor.server().process();
    auto const outcome = bench.run(bench.task());
    CHECK(outcome.report.end.failure == Failure::infrastructure);
    CHECK(outcome.report.end.message == "the task server failed: it died");
    CHECK(outcome.report.end.blamed == Indices{1});
    CHECK(outcome.notices == std::vector<std::string>{"restarting the task server: it died"});
    CHECK(bench.supervisor.server().process() != before);
    check_slot_works(bench);
}

TEST_CASE("a server that is killed between two tasks is started again", "[engine][supervisor]") {
    Bench bench("count=2 group=2");
    for (int round = 0; round < 6; ++round) {  // more often than starting may fail in a row
        REQUIRE(::kill(bench.supervisor.server().process(), SIGKILL) == 0);
        Outcome outcome;
        while (outcome.notices.empty()) {
            auto const events = bench.supervisor.step(1);
            outcome.notices.insert(outcome.notices.end(), events.notices.begin(), events.notices.end());
        }
        bench.wait_until_ready(outcome);
        check_slot_works(bench);
    }
}

TEST_CASE("a server that answers no more is replaced when the time limit is over",
          "[engine][supervisor][alone]") {
    Bench bench("count=3 group=3 stop-server:0");
    auto const outcome = bench.run(bench.task(0.3));
    CHECK(outcome.report.end.failure == Failure::timeout);
    CHECK(outcome.report.end.blamed == Indices{0});
    CHECK(outcome.notices == std::vector<std::string>{"restarting the task server: it does not answer"});
    check_slot_works(bench);
}

TEST_CASE("a task for which this process has no descriptors left costs an infrastructure failure",
          "[engine][supervisor]") {
    constexpr unsigned needed = 6;  // both ends of results, output and tasks
    for (unsigned spare = 0; spare <= needed; ++spare) {
        CAPTURE(spare);
        Bench bench("count=3 group=3");
        std::optional<FewDescriptors> few(spare);
        auto const outcome = bench.run(bench.task());
        few.reset();
        CHECK(outcome.report.end.completed == (spare == needed));
        CHECK(outcome.notices.empty());
        check_slot_works(bench);
        if (spare == needed) continue;
        CHECK(outcome.report.end.failure == Failure::infrastructure);
        CHECK_THAT(outcome.report.end.message,
                   Catch::StartsWith("cannot make a ") && Catch::EndsWith("for a task: Too many open files"));
        CHECK(outcome.report.end.blamed == Indices{0, 1, 2});
        CHECK(outcome.results.empty());
    }
}

TEST_CASE("a task that could not be started can be interrupted", "[engine][supervisor]") {
    Bench bench("count=2 group=2");
    std::optional<FewDescriptors> few(0);
    bench.supervisor.start(bench.task());
    bench.supervisor.interrupt();
    few.reset();
    CHECK(bench.finish().report.end.failure == Failure::interrupted);
    check_slot_works(bench);
}

namespace {

std::string children_of(pid_t process) {
    std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", process));
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a task for which its server has no descriptors left costs an infrastructure failure at once",
          "[engine][supervisor]") {
    constexpr unsigned needed = 4;  // the child's ends of three, and one to watch over it
    for (unsigned spare = 0; spare <= needed; ++spare) {
        CAPTURE(spare);
        Bench bench("count=3 group=3 crash:2:1");
        pid_t const server = bench.supervisor.server().process();
        std::optional<FewDescriptors> few(std::in_place, spare, server);
        double const start = monotonic_seconds();
        auto const outcome = bench.run(bench.task());
        few.reset();
        CHECK(monotonic_seconds() - start < 1.5);  // else only a time limit ends it
        CHECK(outcome.report.end.failure == (spare == needed ? Failure::crash : Failure::infrastructure));
        CHECK(outcome.notices.empty());
        CHECK(bench.supervisor.server().process() == server);
        CHECK(children_of(server).empty());
        check_slot_works_again(bench);
        if (spare == needed) continue;
        CHECK_THAT(outcome.report.end.message,
                   Catch::StartsWith("the task server failed: ") && Catch::EndsWith("Too many open files"));
        CHECK(outcome.results.empty());
    }
}

TEST_CASE("a server that cannot be restarted for want of descriptors is tried again after a while",
          "[engine][supervisor]") {
    Bench bench("count=2");
    std::optional<FewDescriptors> few(0);
    REQUIRE(::kill(bench.supervisor.server().process(), SIGKILL) == 0);
    Outcome outcome;
    while (bench.supervisor.ready()) outcome.notices = bench.supervisor.step(0.1).notices;
    CHECK(outcome.notices == std::vector<std::string>{"restarting the task server: it died"});
    CHECK_FALSE(bench.supervisor.broken());
    SECTION("and works when there are some again") {
        few.reset();
        bench.wait_until_ready(outcome);
        REQUIRE(outcome.notices.size() == 2);
        CHECK(outcome.notices[1] ==
              "restarting the task server: cannot make a socket for the task server: Too many open files");
        check_slot_works(bench);
    }
    SECTION("but not for ever") {
        bench.wait_until_ready(outcome);
        CHECK(bench.supervisor.broken());
        CHECK(outcome.notices.back() == "the task server could not be restarted 3 times in a row");
    }
}

TEST_CASE("signals that ask a job to stop do not reach children and server", "[engine][supervisor]") {
    Bench bench("count=2 group=2 seconds=0.3");
    bench.supervisor.start(bench.task());
    for (int const number : stop_signals()) REQUIRE(::kill(bench.supervisor.server().process(), number) == 0);
    CHECK(bench.finish().report.end.completed);
}

TEST_CASE("a thousand tasks leave no descriptor behind", "[engine][supervisor]") {
    Bench bench("count=1");
    auto const lowest_free = [] { return Descriptor(::dup(0)).get(); };
    REQUIRE(bench.run(bench.task()).report.end.completed);
    int const before = lowest_free();
    for (int i = 0; i < 1000; ++i) REQUIRE(bench.run(bench.task()).report.end.completed);
    CHECK(lowest_free() == before);
}

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
    CHECK(low < std::uint64_t{50} << 20U);
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
    settle(bench.description.experiments);
    /// As the toy makes an id: from the index and the sum of the values so far.
    auto const expected_id = [&] {
        double sum = 0;
        for (auto const& row : rows) sum += toy_value(row.experiment.index);
        return rows.size() + static_cast<std::uint64_t>(1000 * sum);
    };
    auto const ask = [&] {
        bench.supervisor.plan(rows, std::uint64_t{512} << 20U, patience_seconds);
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
        faulty.supervisor.plan({rows.begin(), rows.begin() + 3}, std::uint64_t{512} << 20U, patience_seconds);
        for (;;)
            if (auto const events = faulty.supervisor.step(0.1); events.plan) return events.plan->report.end;
    };
    CHECK(crash("crash:plan").failure == study::Failure::crash);
    CHECK(crash("error:plan").message == "the toy does not converge");
    CHECK(crash("exit:plan").failure == study::Failure::crash);
}

TEST_CASE(
    "a plan for which there are no descriptors left is an infrastructure failure, and may be asked again",
    "[engine][supervisor]") {
    Bench bench("count=2 stages=2");
    std::vector<study::KnownRow> rows;
    for (auto const& one : bench.description.experiments)
        rows.push_back({one, study::Status::done, {toy_value(one.index)}});
    auto const ask = [&] {
        bench.supervisor.plan(rows, std::uint64_t{512} << 20U, patience_seconds);
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

TEST_CASE(
    "what is no message in the pipe for results is a failure of the machinery, and the slot works again",
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
