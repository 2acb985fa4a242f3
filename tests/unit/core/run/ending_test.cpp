#include "core/run/ending.hpp"

#include <array>
#include <filesystem>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "../../standard_error.hpp"
#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"

using namespace vaster;
using run::Ending;
using run::EndingPlaces;

namespace {

EndingPlaces in_file(std::filesystem::path const& path) {
    return {path.string(), "", ""};
}

/// A pipe as a launcher offers it.
struct LaunchersPipe {
    LaunchersPipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        read.reset(ends[0]);
        write.reset(ends[1]);
    }

    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), write.get()); }

    [[nodiscard]] std::string place() const {
        return fmt::format("{} {}", path(), std::filesystem::read_symlink(path()).string());
    }

    [[nodiscard]] std::string said() const {
        std::string text(1000, '\0');
        auto const got = ::read(read.get(), text.data(), text.size());
        return text.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
    }

    Descriptor read;
    Descriptor write;
};

}  // namespace

TEST_CASE("the ending file tells the exit code and a word", "[run]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "ending";
    Ending(in_file(path)).write(ExitCode::partial, "unfinished");
    CHECK(read_file(path) == "75 unfinished\n");
}

TEST_CASE("a quiet run says in one piece that it has not come to its end", "[run]") {
    engine::Totals totals;
    totals.done = 3;
    totals.failed = 1;
    testing::StandardError const said;
    run::say_ending(totals, "s.h5", "Try again.");
    CHECK_THAT(said.text(),
               Catch::Contains(": Finished with failures: 3 done, 1 failed, 0 left, in s.h5\nTry again."));
}

TEST_CASE("the ending of an earlier run is gone before work begins", "[run]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "ending";
    Ending(in_file(path)).write(ExitCode::success, "complete");
    Ending(in_file(path)).prepare();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("an ending file that cannot be written is refused before work begins, and not tried again",
          "[run]") {
    testing::TemporaryFolder const folder;
    auto const missing = folder.path() / "made" / "later";
    Ending ending(in_file(missing));
    CHECK_THROWS_WITH(ending.prepare(), Catch::Contains(missing.string()) &&
                                            Catch::Contains("on host " + host_name()) &&
                                            Catch::Contains("--ending-file"));
    std::filesystem::create_directory(folder.path() / "made");
    ending.write(ExitCode::io, "refused");
    CHECK_FALSE(std::filesystem::exists(missing));
    CHECK_THROWS_AS(Ending(in_file(folder.path())).prepare(), IoError);  // a folder
    CHECK_NOTHROW(Ending({}).prepare());
}

TEST_CASE("an ending file that can no longer be written does not end the run in another way", "[run]") {
    testing::TemporaryFolder const folder;
    CHECK_NOTHROW(Ending(in_file(folder.path() / "gone" / "ending")).write(ExitCode::success, "complete"));
    CHECK_NOTHROW(Ending(in_file("/dev/full")).prepare());
    testing::StandardError const error;
    CHECK_NOTHROW(Ending(in_file("/dev/full")).write(ExitCode::success, "complete"));
    CHECK_THAT(error.text(),
               Catch::Contains(fmt::format("on host {}: the ending file is not written: ", host_name())));
    CHECK(std::filesystem::exists("/dev/full"));
}

TEST_CASE("a launcher on this host is told through its pipe and needs no file", "[run]") {
    testing::TemporaryFolder const folder;
    LaunchersPipe const pipe;
    auto const spare = folder.path() / "no" / "such" / "folder";
    Ending ending({"", spare.string(), pipe.place()});
    CHECK_NOTHROW(ending.prepare());
    ending.write(ExitCode::rank_lost, "complete");
    CHECK(pipe.said() == "71 complete\n");
}

TEST_CASE("a file that was asked for by name is written beside the launcher's pipe", "[run]") {
    testing::TemporaryFolder const folder;
    LaunchersPipe const pipe;
    auto const path = folder.path() / "ending";
    Ending({path.string(), "", pipe.place()}).write(ExitCode::success, "complete");
    CHECK(read_file(path) == "0 complete\n");
    CHECK(pipe.said() == "0 complete\n");
}

TEST_CASE("what is not the launcher's pipe is left alone, and its file is written", "[run]") {
    testing::TemporaryFolder const folder;
    LaunchersPipe const pipe;
    auto const other = folder.file("other", "of somebody else");
    Descriptor const open(::open(other.c_str(), O_RDWR | O_CLOEXEC));
    std::string const path = fmt::format("/proc/{}/fd/{}", ::getpid(), open.get());
    auto const file = folder.path() / "ending";
    for (auto const& place :
         {pipe.path() + " pipe:[1]", path + " " + other.string(), std::string("/proc/self"),
          std::string("/no/such/thing pipe:[1]"), std::string(" ")}) {
        INFO(place);
        Ending({"", file.string(), place}).write(ExitCode::success, "complete");
        CHECK(read_file(file) == "0 complete\n");
        std::filesystem::remove(file);
    }
    CHECK(pipe.said().empty());
    CHECK(read_file(other) == "of somebody else");
}

TEST_CASE("the code of a run and its word follow from the totals", "[run]") {
    engine::Totals totals;
    totals.done = 3;
    CHECK(run::code_of(totals) == ExitCode::success);
    totals.committed = 2;
    CHECK(std::string(run::word_of(totals)) == "complete");
    CHECK(run::words_of(totals) == "complete 2");
    totals.lost_ranks = 1;
    CHECK(run::code_of(totals) == ExitCode::rank_lost);
    totals.failed = 1;
    CHECK(run::code_of(totals) == ExitCode::partial);
    CHECK(std::string(run::word_of(totals)) == "failed");
    totals.left = 1;
    CHECK(std::string(run::word_of(totals)) == "unfinished");
    totals.too_little_time = true;
    CHECK(run::code_of(totals) == ExitCode::partial);
    CHECK(std::string(run::word_of(totals)) == "no-time");
}

TEST_CASE("a run that leaves work and has added no result says what helps", "[run]") {
    engine::Totals totals;
    totals.done = 3;
    totals.left = 1;
    totals.drained = true;
    CHECK_THAT(run::ending_text(totals, "s.h5", ""),
               Catch::Contains("added no result") && Catch::Contains("run.timeout"));
    totals.committed = 1;
    CHECK_THAT(run::ending_text(totals, "s.h5", ""), Catch::Contains("Run the same command with --resume"));
    CHECK_THAT(run::ending_text(totals, "s.h5", "The job goes on by itself."),
               Catch::Contains("The job goes on by itself.") && !Catch::Contains("--resume"));
    CHECK_THAT(run::ending_text(totals, "s.h5", ""), !Catch::Contains("added no result"));
    totals.committed = 0;
    totals.too_little_time = true;
    CHECK_THAT(run::ending_text(totals, "s.h5", ""),
               Catch::Contains("Nothing was begun") && !Catch::Contains("added no result"));
}
