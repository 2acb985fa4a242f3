#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include "core/engine/rank/supervisor.hpp"
#include "core/engine/signals.hpp"
#include "few_descriptors.hpp"
#include "supervisor_bench.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;
using namespace vaster::engine::bench;
using study::Failure;

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

#ifndef VASTER_SANITIZED  // which has an allocator of its own
TEST_CASE("children ask for huge pages, and have the environment of the user", "[engine][server]") {
    // Elsewhere the system gives them to everybody, or to nobody.
    std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
    std::string setting;
    std::getline(file, setting);
    double const asks = setting.find("[madvise]") != std::string::npos ? allocator_signs::asks_huge_pages : 0;
    auto const signs_of_child = [] {
        Bench bench("count=1 allocator");
        auto const outcome = bench.run(bench.task());
        REQUIRE(outcome.results.size() == 1);
        return std::get<double>(outcome.results[0].cells[0]);
    };
    SECTION("where that says nothing") {
        CHECK(signs_of_child() == asks);
    }
    SECTION("unless that says something") {
        REQUIRE(::setenv(MallocSetting::name, "glibc.malloc.hugetlb=0", 1) == 0);
        CHECK(signs_of_child() == allocator_signs::variable_is_set);
        REQUIRE(::unsetenv(MallocSetting::name) == 0);
    }
}
#endif

TEST_CASE("a program that is not there is an error that names it", "[engine][server]") {
    CHECK_THROWS_WITH(TaskServer({"/no/such/program"}), Catch::Contains("/no/such/program"));
}

TEST_CASE("a server that dies while it opens the study is an error, not a hang", "[engine][server]") {
    TaskServer server({"/bin/false"});
    CHECK_THROWS_AS(server.open("", patience_seconds), IoError);
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

#ifndef VASTER_SANITIZED  // which needs a descriptor itself to look at an object
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
#endif

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
