#include "core/run/ending.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"

using namespace vaster;
using run::EndingFile;

TEST_CASE("the ending file tells the exit code and a word", "[run]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "ending";
    EndingFile(path.string()).write(ExitCode::partial, "unfinished");
    CHECK(read_file(path) == "75 unfinished\n");
}

TEST_CASE("the ending of an earlier run is gone before work begins", "[run]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "ending";
    EndingFile(path.string()).write(ExitCode::success, "complete");
    EndingFile(path.string()).prepare();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("an ending file that cannot be written is refused before work begins", "[run]") {
    testing::TemporaryFolder const folder;
    auto const missing = (folder.path() / "no" / "such" / "folder").string();
    CHECK_THROWS_AS(EndingFile(missing).prepare(), IoError);
    CHECK_THROWS_WITH(EndingFile(missing).prepare(),
                      Catch::Contains(missing) && Catch::Contains("--ending-file"));
    CHECK_THROWS_AS(EndingFile(folder.path().string()).prepare(), IoError);  // a folder
    CHECK_NOTHROW(EndingFile("").prepare());
}

TEST_CASE("an ending file that can no longer be written does not end the run in another way", "[run]") {
    testing::TemporaryFolder const folder;
    CHECK_NOTHROW(
        EndingFile((folder.path() / "gone" / "ending").string()).write(ExitCode::success, "complete"));
}

TEST_CASE("the code of a run and its word follow from the totals", "[run]") {
    engine::Totals totals;
    totals.done = 3;
    CHECK(run::code_of(totals) == ExitCode::success);
    CHECK(std::string(run::word_of(totals)) == "complete");
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
