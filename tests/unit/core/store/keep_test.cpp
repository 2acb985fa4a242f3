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
        CHECK_NOTHROW(keep_other_file(path));
    }
}
