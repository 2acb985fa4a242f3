#include "vaster/monitor/log.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"
#include "vaster/support/files.hpp"

using namespace vaster;
using namespace vaster::monitor;
using Catch::Matchers::Contains;

TEST_CASE("the log holds events of its level and above, each with its level", "[monitor][log]") {
    auto const path = std::filesystem::temp_directory_path() / "vaster_log_test.log";
    std::filesystem::remove(path);
    {
        LogListener log(path, "warning");
        log.on_notice("not this");
        log.on_attempt_failed({3, 1, 2, "node7", 0, 1.5, "timeout", "no sign for 2 s"}, true);
        log.on_failed(3, "timeout");
    }
    std::string const text = read_file(path);
    CHECK_THAT(text, !Contains("not this"));
    CHECK_THAT(text, Contains("warning experiment 3 attempt 1 on rank 2 (node7): timeout after 1.5 s: no "
                              "sign for 2 s (will be tried again)"));
    CHECK_THAT(text, Contains("error experiment 3 failed: timeout"));
    std::filesystem::remove(path);
}

TEST_CASE("a log file that cannot be written is refused with its name", "[monitor][log]") {
    CHECK_THROWS_AS(LogListener("/dev/null/all.log", "info"), IoError);
}
