#include "core/engine/rank/supervisor.hpp"

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "core/engine/signals.hpp"
#include "supervisor_bench.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;
using namespace vaster::engine::bench;
using study::Failure;

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
