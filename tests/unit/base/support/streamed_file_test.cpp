#include "base/support/streamed_file.hpp"

#include <filesystem>
#include <iterator>
#include <ostream>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

namespace fs = std::filesystem;

TEST_CASE("a text that is made while it is written takes the place of a file as a whole or not at all",
          "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.file("kept", "old");
    std::string const line(999, 'x');
    stream_file_atomically(path, [&](std::ostream& out) {
        for (int i = 0; i < 1000; ++i) out << line << '\n';
        CHECK(read_file(path) == "old");
    });
    auto const text = read_file(path);
    CHECK(text.size() == 1000 * 1000);
    CHECK(text.substr(999 * 1000) == line + "\n");
    auto const half = [&](std::ostream& out) {
        for (int i = 0; i < 500; ++i) out << line << '\n';
        throw DataError("row 500 is damaged");
    };
    CHECK_THROWS_WITH(stream_file_atomically(path, half), "row 500 is damaged");
    CHECK(read_file(path) == text);
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
    auto const much = [&](std::ostream& out) {
        for (int i = 0; i < 500; ++i) out << line << '\n';
    };
    CHECK_THROWS_WITH(stream_file_atomically("/dev/full", much), Catch::Contains("No space left on device"));
}

TEST_CASE("a streamed text goes where a link leads, and into a pipe", "[support][files]") {
    testing::TemporaryFolder const folder;
    auto const text = [](std::ostream& out) { out << "text"; };
    auto const link = folder.path() / "link";
    fs::create_symlink("target", link);
    stream_file_atomically(link, text);
    CHECK(fs::is_symlink(link));
    CHECK(read_file(folder.path() / "target") == "text");
    auto const pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    Descriptor const reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK));
    stream_file_atomically(pipe, text);
    char got[4] = {};
    CHECK(::read(reader.get(), got, sizeof got) == 4);
    CHECK(std::string(got, 4) == "text");
    CHECK(fs::is_fifo(pipe));
}
