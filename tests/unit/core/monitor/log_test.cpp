#include "core/monitor/log.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../../standard_error.hpp"
#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::monitor;
using Catch::Matchers::Contains;

TEST_CASE("the log holds events of its level and above, each with its level", "[monitor][log]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "test.log";
    {
        LogListener log(path, "warning", "text");
        log.on_notice("not this");
        log.on_attempt_failed({3, 1, 2, "node7", 0, 1.5, "timeout", "no sign for 2 s"}, "clean-AP", true);
        log.on_failed(3, "clean-AP", "timeout");
    }
    std::string const text = read_file(path);
    CHECK_THAT(text, !Contains("not this"));
    CHECK_THAT(
        text,
        Contains("warning rank=2 worker experiment=3 (clean-AP): attempt 1 on node7: timeout after 1.5 s: no "
                 "sign for 2 s (will be tried again)"));
    CHECK_THAT(text, Contains("error rank=0 dispatcher experiment=3 (clean-AP): given up: timeout"));
}

TEST_CASE("a log file that cannot be written is refused with its name", "[monitor][log]") {
    CHECK_THROWS_AS(LogListener("/dev/null/all.log", "info", "text"), IoError);
}

TEST_CASE("a log that finds no room says so once, with the host whose disk is full", "[monitor][log]") {
    testing::StandardError const error;
    {
        LogListener log("/dev/full", "info", "text");
        log.on_notice("one");
        log.on_notice("two");
    }
    auto const said = error.text();
    CHECK_THAT(said, Contains(fmt::format("on host {}: the log file /dev/full cannot be written: No space "
                                          "left on device; lines of it are lost",
                                          host_name())));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
}

TEST_CASE("a log of JSON has one object a line, whatever the messages hold", "[monitor][log]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "test.log";
    {
        LogListener log(path, "debug", "json");
        log.on_attempt_failed({7, 2, 1, "node7", 0, 1.5, "crash", "killed\nlast words: \"ou\tch\" \xff"},
                              "clean-AP", false);
        log.on_commit(8, {3, "node9", 1});
        log.on_rank_lost(3);
    }
    std::istringstream lines(read_file(path));
    std::vector<nlohmann::json> objects;
    for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
    REQUIRE(objects.size() == 3);
    CHECK(objects[0]["level"] == "warning");
    CHECK(objects[0]["rank"] == 1);
    CHECK(objects[0]["experiment"] == 7);
    CHECK(objects[0]["label"] == "clean-AP");
    CHECK_THAT(objects[0]["message"].get<std::string>(), Contains("last words: \"ou\tch\""));
    CHECK(objects[1]["component"] == "store");
    CHECK(objects[1]["experiment"] == 8);
    CHECK_FALSE(objects[1].contains("label"));
    CHECK_FALSE(objects[2].contains("experiment"));
}

TEST_CASE("a message of several lines stays on one line of a text log", "[monitor][log]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "test.log";
    LogListener(path, "info", "text").on_notice("one\ntwo");
    CHECK_THAT(read_file(path), Contains("dispatcher: one\\ntwo\n"));
}
