#include "base/support/files.hpp"

#include <cerrno>
#include <filesystem>
#include <iterator>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../temporary_folder.hpp"
#include "base/support/new_file.hpp"
#include "base/support/temporary_file.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
namespace fs = std::filesystem;

TEST_CASE("a chain of symbolic links is followed to its end, whether a file is there or not",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const& here = folder.path();
    fs::create_directory(here / "far");
    fs::create_symlink("far/second", here / "first");
    fs::create_symlink("../file", here / "far/second");
    CHECK(fs::weakly_canonical(target_of(here / "first")) == fs::weakly_canonical(here / "file"));
    (void)folder.file("file", "text");
    CHECK(fs::equivalent(target_of(here / "first"), here / "file"));
    CHECK(target_of(here / "file") == here / "file");
    fs::create_symlink(here / "file", here / "absolute");
    CHECK(target_of(here / "absolute") == here / "file");
}

TEST_CASE("a link without an end is an error of reading, not an endless search", "[support][files]") {
    testing::TemporaryFolder const folder;
    fs::create_symlink("b", folder.path() / "a");
    fs::create_symlink("a", folder.path() / "b");
    CHECK_THROWS_AS(target_of(folder.path() / "a"), IoError);
    CHECK_THROWS_AS(write_file_atomically(folder.path() / "a", "text"), IoError);
}

TEST_CASE("a file is written where the link leads, and the link stays", "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const link = folder.path() / "link";
    auto const target = folder.path() / "target";
    fs::create_symlink("target", link);
    for (auto const* text : {"new", "again"}) {
        write_file_atomically(link, text);
        CHECK(fs::is_symlink(link));
        CHECK(read_file(target) == text);
    }
}

TEST_CASE("a file that the program names itself replaces what has its name, and what a link leads to stays",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const name = folder.path() / "status.json";
    auto const precious = folder.file("precious", "kept");
    fs::create_symlink("precious", name);
    replace_file(name, "new");
    CHECK_FALSE(fs::is_symlink(name));
    CHECK(read_file(name) == "new");
    CHECK(read_file(precious) == "kept");
    fs::remove(name);
    REQUIRE(::mkfifo(name.c_str(), 0600) == 0);  // writing into it would wait for a reader
    replace_file(name, "newer");
    CHECK(fs::is_regular_file(name));
    CHECK(read_file(name) == "newer");
}

TEST_CASE("a new file is made as a whole where nothing is, and takes the place of nothing",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "new";
    // Some file systems have no files without a name: there it does nothing.
    bool const can = bool(Descriptor(::open(folder.path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)));
    CHECK(make_file(path.string(), "one\n") == can);
    if (!can) replace_file(path, "one\n");
    CHECK(read_file(path) == "one\n");
    CHECK((fs::status(path).permissions() & fs::perms::owner_read) != fs::perms::none);
    CHECK_FALSE(make_file(path.string(), "two\n"));
    CHECK(read_file(path) == "one\n");
    fs::create_symlink("nowhere", folder.path() / "link");
    CHECK_FALSE(make_file((folder.path() / "link").string(), "two\n"));
    CHECK_FALSE(fs::exists(folder.path() / "nowhere"));
    CHECK_FALSE(make_file((folder.path() / "no folder" / "new").string(), "two\n"));
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("nothing is written through a link of another user", "[support][files]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can make a link of another user");
        return;
    }
    constexpr uid_t somebody = 12345;
    testing::TemporaryFolder const folder;
    auto const link = folder.path() / "study.h5";
    auto const precious = folder.file("precious", "kept");
    fs::create_symlink(precious, link);
    REQUIRE(::lchown(link.c_str(), somebody, somebody) == 0);
    CHECK_THROWS_WITH(target_to_write(link),
                      Catch::Contains("study.h5 is a symbolic link to " + precious.string() +
                                      " that belongs to another user (12345)"));
    CHECK_THROWS_AS(write_file_atomically(link, "new"), IoError);
    CHECK(target_of(link) == precious);  // it may be read
    CHECK(read_file(precious) == "kept");
    auto const own = folder.path() / "own";
    fs::create_symlink("study.h5", own);  // a link of one's own to one of others
    CHECK_THROWS_AS(target_to_write(own), IoError);
}

TEST_CASE("a file that the program names itself is a plain file with one name", "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const name = folder.path() / "study.h5.lock";
    auto const precious = folder.file("precious", "kept");
    CHECK_FALSE(open_own_file(name, O_RDONLY));
    CHECK(errno == ENOENT);
    CHECK(open_own_file(name, O_RDWR | O_CREAT));
    CHECK(fs::is_regular_file(name));
    fs::remove(name);

    fs::create_symlink("precious", name);
    CHECK_THROWS_WITH(open_own_file(name, O_RDWR | O_CREAT),
                      Catch::Contains("study.h5.lock is a symbolic link"));
    fs::remove(name);
    fs::create_symlink("not-there", name);
    CHECK_THROWS_AS(open_own_file(name, O_RDWR | O_CREAT), IoError);
    CHECK_FALSE(fs::exists(folder.path() / "not-there"));
    fs::remove(name);
    fs::create_hard_link(precious, name);
    CHECK_THROWS_WITH(open_own_file(name, O_RDWR | O_CREAT),
                      Catch::Contains("study.h5.lock is a second name of another file"));
    fs::remove(name);
    REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
    CHECK_THROWS_WITH(open_own_file(name, O_RDONLY), Catch::Contains("not a plain file"));
    fs::remove(name);
    fs::create_directory(name);
    CHECK_THROWS_WITH(open_own_file(name, O_RDONLY), Catch::Contains("not a plain file"));
    CHECK(read_file(precious) == "kept");
}

TEST_CASE("who may read a file does not change when it is replaced", "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const mode_of = [](fs::path const& path) {
        return static_cast<unsigned>(fs::status(path).permissions()) & 0777U;
    };
    mode_t const mask = ::umask(022);
    for (unsigned const mode : {0600U, 0640U, 0664U}) {
        auto const path = folder.file("kept", "old");
        ::chmod(path.c_str(), mode);
        write_file_atomically(path, "new");
        CHECK(mode_of(path) == mode);
        replace_file(path, "newer");
        CHECK(mode_of(path) == mode);
        TemporaryFile whole(path);
        whole.become(path);
        CHECK(mode_of(path) == mode);
    }
    write_file_atomically(folder.path() / "fresh", "text");
    CHECK(mode_of(folder.path() / "fresh") == 0644);
    if (::geteuid() == 0) {  // what somebody else has planted decides nothing
        auto const planted = folder.file("planted", "");
        ::chmod(planted.c_str(), 0666);
        REQUIRE(::chown(planted.c_str(), 12345, 12345) == 0);
        replace_file(planted, "text");
        CHECK(mode_of(planted) == 0644);
    }
    ::umask(mask);
}

TEST_CASE("devices and pipes are written to and stay what they are", "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    Descriptor const reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK));
    write_file_atomically(pipe, "text");
    char got[4] = {};
    CHECK(::read(reader.get(), got, sizeof got) == 4);
    CHECK(std::string(got, 4) == "text");
    CHECK(fs::is_fifo(pipe));
    CHECK_THROWS_WITH(write_file_atomically("/dev/full", "text"), Catch::Contains("No space left on device"));
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a relative path in a folder that is gone is an error of reading that says so",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const gone = folder.path() / "gone";
    fs::create_directory(gone);
    pid_t const child = ::fork();
    if (child == 0) {
        bool const moved = ::chdir(gone.c_str()) == 0 && ::rmdir(gone.c_str()) == 0;
        try {
            if (!moved || absolute_path("/anywhere") != "/anywhere") ::_exit(2);
            (void)absolute_path("study.h5");
        } catch (IoError const& error) {
            std::string const text = error.what();
            bool const says = text.find("study.h5") != std::string::npos &&
                              text.find("current directory is gone") != std::string::npos;
            ::_exit(says ? 0 : 3);
        } catch (...) {
            ::_exit(4);
        }
        ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("a folder that cannot be made or written into is told with the part of its path that is wrong",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const& here = folder.path();
    CHECK(problem_with_folder(here).empty());
    CHECK(problem_with_folder(here / "not/there/yet").empty());
    auto const file = folder.file("file", "text");
    CHECK(problem_with_folder(file) == fmt::format("{} is not a folder", file.string()));
    CHECK(problem_with_folder(here / "file/below") ==
          fmt::format("{} is not a folder", (here / "file").string()));
    fs::create_directory(here / "closed");
    fs::permissions(here / "closed", fs::perms::owner_read);
    if (::geteuid() != 0)
        CHECK(
            problem_with_folder(here / "closed/below") ==
            fmt::format("the folder {} cannot be written to: Permission denied", (here / "closed").string()));
}
