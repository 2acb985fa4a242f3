#include <csignal>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "base/support/files.hpp"
#include "core/store/reader.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "processes.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

std::size_t n_files(std::filesystem::path const& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("an existing file is never overwritten unless that was asked for", "[store][create]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer(path).commit(example::result(example::plan(4).experiments[0]), example::origin());
    auto const before = read_file(path);
    CHECK_THROWS_WITH(example::create(folder, 4),
                      Catch::Contains("--resume") && Catch::Contains("--overwrite"));
    CHECK_THROWS_AS(example::create(folder, 4), UsageError);
    CHECK(read_file(path) == before);
    create(path, example::header(), example::schema(), example::plan(5), {}, OnExisting::replace);
    CHECK(Reader(path).counts() == StatusCounts{5, 0, 0, 0, 0});
    CHECK(n_files(folder.path()) == 1);
}

TEST_CASE("the same study makes the same file, byte for byte", "[store][create]") {
    example::Folder const one, other;
    CHECK(read_file(example::create(one, 9)) == read_file(example::create(other, 9)));
}

TEST_CASE("a file that does not fit on the disk is refused before it is begun", "[store][create]") {
    example::Folder const folder;
    CHECK_THROWS_AS(example::create(folder, 4, {4, 1ULL << 45}), IoError);
    CHECK_THROWS_WITH(example::create(folder, 4, {4, 1ULL << 45}),
                      Catch::Contains("cannot create") && Catch::Contains("free"));
    CHECK(n_files(folder.path()) == 0);
}

TEST_CASE("a disk that fills up while the file is laid out leaves nothing behind", "[store][create]") {
    example::Folder const folder;
    for (rlim_t const limit : {rlim_t{0}, rlim_t{3000}, rlim_t{20000}, rlim_t{300000}, rlim_t{600000}}) {
        example::Process child([&](auto tell) {
            std::signal(SIGXFSZ, SIG_IGN);
            rlimit const small{limit, limit};
            ::setrlimit(RLIMIT_FSIZE, &small);
            try {
                (void)example::create(folder, 8);
            } catch (IoError const& error) {
                std::string const text = error.what();
                tell(text.find("cannot create") == 0 && text.find("study.h5") != std::string::npos ? 1 : 2);
            }
        });
        INFO("at most " << limit << " bytes");
        CHECK(child.hear() == 1);
        CHECK(WIFEXITED(child.wait()));
        CHECK(n_files(folder.path()) == 0);
    }
}

TEST_CASE("a folder that is not there, or not ours to write in, is one clear error", "[store][create]") {
    example::Folder const folder;
    auto const make = [](std::filesystem::path const& path) {
        create(path, example::header(), example::schema(), example::plan(2));
    };
    CHECK_THROWS_AS(make(folder / "no/such/study.h5"), IoError);
    CHECK_THROWS_WITH(make(folder / "no/such/study.h5"), Catch::Contains("No such file or directory"));
    CHECK_THROWS_AS(make("/proc/study.h5"), IoError);
}

TEST_CASE("a plan that cannot be kept is a bug", "[store][create]") {
    example::Folder const folder;
    auto plan = example::plan(3);
    plan.experiments[1].design[1] = std::string("a site with a name of more bytes than the column has");
    CHECK_THROWS_AS(create(folder / "a.h5", example::header(), example::schema(), plan), std::logic_error);
    plan = example::plan(3);
    plan.experiments[1].index = 2;
    CHECK_THROWS_AS(create(folder / "b.h5", example::header(), example::schema(), plan), std::logic_error);
    auto schema = example::schema();
    schema.results[0].name = "error";
    CHECK_THROWS_AS(create(folder / "c.h5", example::header(), schema, example::plan(3)), std::logic_error);
    CHECK(n_files(folder.path()) == 0);
}

TEST_CASE("a study without experiments or arrays is a file too", "[store][create]") {
    example::Folder const folder;
    auto schema = example::schema();
    create(folder / "a.h5", example::header(), schema, study::Plan());
    CHECK(Reader(folder / "a.h5").size() == 0);
    schema.arrays.clear();
    schema.labels.clear();
    create(folder / "b.h5", example::header(), schema, example::plan(2));
    CHECK(Reader(folder / "b.h5").size() == 2);
}

TEST_CASE("a study file is made where a symbolic link leads, and the link stays", "[store][create]") {
    example::Folder const folder;
    std::filesystem::create_directory(folder / "far");
    auto const link = folder / "link.h5";
    std::filesystem::create_symlink("far/study.h5", link);
    create(link, example::header(), example::schema(), example::plan(4));
    for (std::size_t const n_experiments : {4, 5}) {
        CHECK(std::filesystem::is_symlink(link));
        CHECK(std::filesystem::is_regular_file(folder / "far/study.h5"));
        CHECK(Reader(link).size() == n_experiments);
        create(link, example::header(), example::schema(), example::plan(5), {}, OnExisting::replace);
    }
    CHECK(n_files(folder.path()) == 2);
    CHECK(n_files(folder / "far") == 1);
}

TEST_CASE("no study takes the place of a device or a folder", "[store][create]") {
    example::Folder const folder;
    for (auto const& place : {std::filesystem::path("/dev/null"), folder.path()})
        CHECK_THROWS_AS(
            create(place, example::header(), example::schema(), example::plan(4), {}, OnExisting::replace),
            UsageError);
    CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("names that HDF5 has no room for are refused by what they are", "[store][create]") {
    example::Folder const folder;
    auto schema = example::schema();
    schema.labels[0].labels[2] = "TB" + std::string(70000, 'x');
    CHECK_THROWS_AS(create(folder / "a.h5", example::header(), schema, example::plan(2)), DataError);
    CHECK_THROWS_WITH(create(folder / "a.h5", example::header(), schema, example::plan(2)),
                      Catch::Contains("among the causes has 70002 bytes") && Catch::Contains("'TBxxx"));
    schema = example::schema();
    schema.design[1].width = 70000;
    CHECK_THROWS_WITH(create(folder / "a.h5", example::header(), schema, example::plan(2)),
                      Catch::Contains("'train_site' has 70000"));
    schema.design[1].width = 29970;  // two columns that are too much together only
    schema.design[2].width = 30000;
    CHECK_THROWS_WITH(create(folder / "a.h5", example::header(), schema, example::plan(2)),
                      Catch::Contains("'test_site' has 30000"));
    CHECK(n_files(folder.path()) == 0);

    schema.design[1].width = 29960;  // with the 40 bytes of the other texts all that there may be
    schema.labels[0].labels[2] = std::string(60000, 'x');
    create(folder / "b.h5", example::header(), schema, example::plan(2));
    CHECK(Reader(folder / "b.h5").size() == 2);
}
