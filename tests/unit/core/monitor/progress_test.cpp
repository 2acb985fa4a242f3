#include "core/monitor/progress.hpp"

#include <algorithm>
#include <memory>

#include <catch2/catch.hpp>

#include "sample_run.hpp"

using namespace vaster;
using namespace vaster::monitor;
using Catch::Matchers::Contains;

namespace {

/// What a display writes to a stream that is not a terminal.
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

TEST_CASE("the time left is no less than what runs now takes", "[monitor][progress]") {
    study::Progress progress = at(12);
    progress.running_seconds = 400;
    CHECK(seconds_left(progress) == 400);
    progress.work_left_seconds = 1000;
    CHECK(seconds_left(progress) == 500);
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
        display.on_failed(7, "", "timeout");
        display.on_failed(8, "clean\rAP", "timeout");
        display.on_attempt_failed({9, 1, 0, "here", 0, 1, "crash", "exit code 3\nno such table"}, "clean-UP",
                                  true);
        display.on_end(at(40));
    });
    CHECK(std::count(text.begin(), text.end(), '\n') == 6);
    CHECK(text.find_first_of("\r\x1b") == std::string::npos);
    CHECK_THAT(text, Contains(" experiment 7 failed: timeout\n") && Contains(" clean?AP failed: timeout\n") &&
                         Contains(" clean-UP, attempt 1: crash on rank 0 (here) after 1 s: exit code 3; will "
                                  "be tried again\nno such table\n") &&
                         Contains("40/40 done"));
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

TEST_CASE("the live line shows what ranks work on, the longest first", "[monitor][progress]") {
    CHECK(live_line("1/9 done",
                    {{0, "in_domain AP", 3.7}, {2, "out_domain UP", 200}, {1, "in_domain UP", 3.7}}, 120) ==
          "1/9 done | rank 2, 3 min 20 s: out_domain UP | rank 0, 3 s: in_domain AP | rank 1, 3 s: in_domain "
          "UP");
    CHECK(live_line("1/9 done", {}, 120) == "1/9 done");
}

TEST_CASE("the live line stays below the width of the terminal", "[monitor][progress]") {
    std::string const line = "12/40 done (30 %), 3/s, 9 s left, 2 running";
    std::vector<RankWork> const work{{0, "out_domain Bohol Mexico logistic_regression +4", 12},
                                     {1, "in_domain", 1}};
    for (std::size_t width = 0; width < 140; ++width) {
        INFO(width);
        CHECK(live_line(line, work, width).size() < std::max<std::size_t>(width, 1));
    }
    CHECK(live_line(line, work, 80) == line + " | rank 0, 12 s: out_domain Bohol...");
    CHECK(live_line(line, work, 60) == line);  // too little room to say anything
    CHECK(live_line(line, work, 20) == "12/40 done (30 %...");
}

TEST_CASE("names in the live line are cut between characters and cannot steer the terminal",
          "[monitor][progress]") {
    // 30 columns, 31 bytes: the last character that fits has two of them
    CHECK(live_line("1/9", {{0, "Pemba Bagamoy\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 1}}, 36) ==
          "1/9 | rank 0, 1 s: Pemba Bagamoy...");
    CHECK(live_line("1/9", {{0, "Pemba Bagam\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 1}}, 36) ==
          "1/9 | rank 0, 1 s: Pemba Bagam\u00e9\u00e9...");
    CHECK(live_line("1/9", {{0, "A\x1b[2J\nB", 1}}, 80) == "1/9 | rank 0, 1 s: A?[2J?B");
}

TEST_CASE("a rank is named in the live line from the start of its task to its end", "[monitor][progress]") {
    study::Progress progress = at(12);
    progress.resumed = 12;  // no rate, whose width would depend on the clock
    auto const shown = [&progress](auto act) {
        return written(Display::terminal, [&](ProgressDisplay& display) {
            display.on_task_start(1, testing::sample_task(1, {0, 1, 2}), "out_domain A<P");
            act(display);
            display.on_end(progress);
        });
    };
    CHECK_THAT(shown([](ProgressDisplay&) {}), Contains("2 running | rank 1, 0 s: out_domain A<P +2"));
    CHECK_THAT(shown([](ProgressDisplay& display) { display.on_task_end(1, {}); }), !Contains("rank 1"));
    CHECK_THAT(shown([](ProgressDisplay& display) { display.on_rank_lost(1); }), !Contains("rank 1"));
}

TEST_CASE("progress that cannot be written costs nothing but the progress", "[monitor][progress]") {
    for (Display const display : {Display::log, Display::terminal}) {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const full(std::fopen("/dev/full", "w"), std::fclose);
        REQUIRE(full);
        ProgressDisplay shown(full.get(), display);
        CHECK_NOTHROW(shown.on_start(at(0)));
        CHECK_NOTHROW(shown.on_notice("a rank was lost"));
        CHECK_NOTHROW(shown.on_failed(7, "", "timeout"));
        CHECK_NOTHROW(shown.on_end(at(40)));
    }
}
