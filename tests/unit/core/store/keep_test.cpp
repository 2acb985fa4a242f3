#include "core/store/keep.hpp"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "base/support/files.hpp"
#include "core/store/create.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

void write(std::filesystem::path const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("nothing but a study takes the place of a study file, damaged ones included", "[store][keep]") {
    example::Folder const folder;
    auto const study = example::create(folder, 3);
    CHECK(begins_as_study(study));
    CHECK_THROWS_AS(keep_study(study, "--output"), UsageError);
    CHECK_THROWS_WITH(keep_study(study, "--output"),
                      Catch::StartsWith("--output " + study.string() + " is a study file"));
    CHECK_NOTHROW(keep_other_file(study));

    std::filesystem::resize_file(study, 9000);
    CHECK_THROWS_AS(keep_study(study, "--output"), UsageError);
    CHECK_NOTHROW(keep_other_file(study));

    std::filesystem::create_symlink(study, folder / "link.h5");
    CHECK_THROWS_AS(keep_study(folder / "link.h5", "--output"), UsageError);

    std::string bytes = read_file(study);
    bytes.resize(8192);
    std::fill_n(bytes.begin(), 4096, '\0');  // the seal is lost, its mirror is there
    write(folder / "beginning-lost.h5", bytes);
    CHECK_THROWS_AS(keep_study(folder / "beginning-lost.h5", "--output"), UsageError);

    write(folder / "old.h5", "vaster-study 1\n");
    CHECK_THROWS_AS(keep_study(folder / "old.h5", "--output"), UsageError);
}

TEST_CASE("a study takes the place of no file that is none", "[store][keep]") {
    example::Folder const folder;
    write(folder / "cohort.csv", "site,cause,cough\nNorth,Malaria,1\n");
    write(folder / "short", "v");
    write(folder / "alike", "vaster-studying\n");
    for (auto const* name : {"cohort.csv", "short", "alike"}) {
        CAPTURE(name);
        CHECK_FALSE(begins_as_study(folder / name));
        CHECK_NOTHROW(keep_study(folder / name, "--output"));
        CHECK_THROWS_AS(keep_other_file(folder / name), UsageError);
        CHECK_THROWS_WITH(keep_other_file(folder / name), Catch::Contains("is not a study file"));
    }
}

TEST_CASE("where nothing can be lost nothing is refused", "[store][keep]") {
    example::Folder const folder;
    write(folder / "empty", "");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);  // reading it would wait for a writer
    std::filesystem::create_symlink("nowhere", folder / "dangling");
    std::filesystem::create_symlink("loop", folder / "loop");
    for (auto const& path :
         {folder / "empty", folder / "none", folder / "pipe", folder / "dangling", folder / "loop",
          folder / std::string(300, 'n'), std::filesystem::path("/dev/null"), std::filesystem::path("/"),
          std::filesystem::path()}) {
        CAPTURE(path);
        CHECK_FALSE(begins_as_study(path));
        CHECK_NOTHROW(keep_study(path, "--output"));
    }
    for (auto const& path : {folder / "empty", folder / "none", folder / "dangling"})
        CHECK_NOTHROW(keep_other_file(path));
}

TEST_CASE("a study takes the place of no folder and no device", "[store][keep]") {
    example::Folder const folder;
    std::filesystem::create_directory(folder / "inner");
    std::filesystem::create_symlink("inner", folder / "link");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    for (auto const& path : {folder / "inner", folder / "link", std::filesystem::path("/")})
        CHECK_THROWS_WITH(keep_other_file(path),
                          Catch::StartsWith(path.string() + " is a folder") && Catch::Contains("--output"));
    for (auto const& path : {folder / "pipe", std::filesystem::path("/dev/null")})
        CHECK_THROWS_WITH(keep_other_file(path), Catch::StartsWith(path.string() + " is not a file"));
}

TEST_CASE("a place that the system refuses to look up is told with its reason", "[store][keep]") {
    example::Folder const folder;
    std::filesystem::create_symlink("loop", folder / "loop");
    CHECK_THROWS_AS(keep_other_file(folder / "loop"), IoError);
    CHECK_THROWS_WITH(keep_other_file(folder / "loop"), Catch::Contains("Too many levels of symbolic links"));
    CHECK_THROWS_AS(keep_other_file(folder / std::string(300, 'n')), IoError);
    CHECK_THROWS_WITH(keep_other_file(folder / std::string(300, 'n')), Catch::Contains("File name too long"));
}
