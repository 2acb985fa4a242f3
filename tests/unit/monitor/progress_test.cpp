#include "vaster/monitor/progress.hpp"

#include <memory>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::monitor;
using Catch::Matchers::Contains;

namespace {

/// What a display writes to a stream that is no terminal.
template <class Act>
std::string written(Display display, Act act) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::tmpfile(), std::fclose);
    ProgressDisplay shown(file.get(), display);
    act(shown);
    std::rewind(file.get());
    std::string text(10000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    return text;
}

study::Progress at(std::uint64_t done, std::uint64_t failed = 0) {
    study::Progress progress;
    progress.total = 40;
    progress.done = done;
    progress.failed = failed;
    progress.running = 2;
    progress.workers = 2;
    progress.work_left_seconds = 18;
    return progress;
}

}  // namespace

TEST_CASE("the line tells done, total, rate, time left, running and failed", "[monitor][progress]") {
    CHECK(progress_line(at(12, 1), 4) == "12/40 done (30 %), 3/s, 9 s left, 2 running, 1 failed");
    CHECK(progress_line(at(40), 10) == "40/40 done (100 %), 4/s");
}

TEST_CASE("the rate counts what this run did, not what was done before", "[monitor][progress]") {
    study::Progress progress = at(12);
    progress.resumed = 10;
    CHECK(progress_line(progress, 4) == "12/40 done (30 %), 0.5/s, 9 s left, 2 running");
}

TEST_CASE("slow studies have a rate per hour", "[monitor][progress]") {
    CHECK_THAT(progress_line(at(1), 600), Contains("6/h"));
}

TEST_CASE("99.9 % done is not shown as 100 %", "[monitor][progress]") {
    study::Progress progress = at(1999);
    progress.total = 2000;
    CHECK_THAT(progress_line(progress, 1), Contains("(99 %)"));
}

TEST_CASE("a log gets whole lines and no control characters", "[monitor][progress]") {
    std::string const text = written(Display::log, [](ProgressDisplay& display) {
        display.on_start(at(0));
        display.on_tick(at(1));  // too soon for another line
        display.on_failed(7, "timeout");
        display.on_end(at(40));
    });
    CHECK(std::count(text.begin(), text.end(), '\n') == 3);
    CHECK(text.find_first_of("\r\x1b") == std::string::npos);
    CHECK_THAT(text, Contains("experiment 7 failed: timeout") && Contains("40/40 done"));
}

TEST_CASE("on a terminal one line is rewritten and ends with the run", "[monitor][progress]") {
    std::string const text = written(Display::terminal, [](ProgressDisplay& display) {
        display.on_start(at(0));
        display.on_notice("a rank was lost");
        display.on_end(at(40));
    });
    CHECK_THAT(text, Contains("\r\x1b[K") && Contains("a rank was lost\n"));
    CHECK(text.back() == '\n');
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}
