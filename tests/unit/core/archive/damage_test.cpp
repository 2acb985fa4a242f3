#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "base/support/sha256.hpp"
#include "core/archive/archive.hpp"
#include "core/archive/index.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::archive;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string const& sound() {
    static std::string const bytes = [] {
        testing::TemporaryFolder const folder;
        write_archive(folder.path() / "model.h5", example::parts());
        return read_file(folder.path() / "model.h5");
    }();
    return bytes;
}

Archive read(std::string const& bytes) {
    // Of its own, and exactly as long, so that a sanitizer sees each byte too many that is read.
    auto const copy = std::make_shared<std::vector<std::byte>>(bytes.size());
    if (!bytes.empty()) std::memcpy(copy->data(), bytes.data(), bytes.size());
    return read_archive(*copy, copy, "m.h5");
}

using Lines = std::vector<std::string>;

std::string& line_of(Lines& lines, std::string const& beginning) {
    return *std::find_if(lines.begin(), lines.end(),
                         [&](auto const& line) { return line.starts_with(beginning); });
}

void replace(std::string& text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a model file is refused wherever it is cut", "[archive]") {
    auto const size = sound().size();
    auto const step = std::max<std::size_t>(1, (size - 8192) / 200);
    for (std::size_t cut = 0; cut < size; cut += cut < 8192 ? 1 : step)
        CHECK_THROWS_AS(read(sound().substr(0, cut)), DataError);
    CHECK_THROWS_WITH(read(""), "m.h5 is empty, not a model file");
    CHECK_THROWS_WITH(
        read(sound().substr(0, 700)),
        fmt::format("m.h5 ends within its index, or its index is damaged: the file has 700 bytes, and "
                    "was written with {}",
                    size));
    CHECK_THROWS_WITH(
        read(sound().substr(0, size - 1)),
        fmt::format("m.h5 has {} bytes, and was written with {}: it is truncated", size - 1, size));
    CHECK_THROWS_WITH(read(sound() + "x"), Contains("something was added"));
}

TEST_CASE("every byte of the index and of the parts is guarded", "[archive]") {
    auto const index = parse_index(sound(), sound().size());
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < to_text(index).size(); ++at) places.push_back(at);
    for (auto const& part : index.entries)
        for (std::size_t i = 0; i < part.n_bytes; ++i) places.push_back(part.offset + i);
    for (auto const at : places) {
        auto bytes = sound();
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        CHECK_THROWS_AS(read(bytes), DataError);
    }
}

TEST_CASE("what is not a model file is named for what it is", "[archive]") {
    CHECK_THROWS_WITH(read("vaster-study 3\nsize 1\n"), "m.h5 is a study file, not a model file");
    CHECK_THROWS_WITH(read("\x89HDF\r\n\x1a\n"), StartsWith("m.h5 is an HDF5 file that is not a model file"));
    CHECK_THROWS_WITH(read("id,cause\n1,Stroke\n"), StartsWith("m.h5 is not a model file"));
    CHECK_THROWS_WITH(read("vaster-model one\n"), Contains("'one'"));
    CHECK_THROWS_WITH(read("vaster-model 0\n"), Contains("'0'"));
    testing::TemporaryFolder const folder;
    CHECK_THROWS_AS(read_archive(folder.path() / "none.h5"), IoError);
    CHECK_THROWS_AS(read_archive(folder.path()), DataError);
    CHECK_THROWS_WITH(read_archive(folder.file("s.h5", "vaster-study 3\n")),
                      Contains("s.h5 is a study file"));
}

TEST_CASE("a model file of a later format names the program that can read it", "[archive]") {
    auto const later = example::with_index(sound(), [](Lines& lines) {
        lines[0] = "vaster-model 2";
        lines[1] = "program 3.1.4";
        lines.insert(lines.begin() + 1, "colour blue");
    });
    CHECK_THROWS_WITH(
        read(later),
        "m.h5 has format 2 of model files, written by vaster 3.1.4; this program reads formats up to "
        "1: use a newer one");
}

TEST_CASE("an index that lies is refused though its own hash holds", "[archive]") {
    struct Lie {
        std::string problem;
        std::function<void(Lines&)> tell;
    };

    auto const in_part = [](std::string const& name, std::string const& from, std::string const& to) {
        return [=](Lines& lines) { replace(line_of(lines, "part " + name), from, to); };
    };
    auto const fields = [](std::string const& name, std::size_t field, std::string const& to) {
        return [=](Lines& lines) {
            auto& line = line_of(lines, "part " + name + ' ');
            std::size_t at = 0;
            for (std::size_t i = 0; i < field; ++i) at = line.find(' ', at) + 1;
            line.replace(at, line.find(' ', at) - at, to);
        };
    };
    constexpr std::size_t shape = 3;
    constexpr std::size_t offset = 4;
    constexpr std::size_t n_bytes = 5;
    std::vector<Lie> const lies{
        {"another content", in_part("model/weights", "2x3", "3x2")},
        {"another number of bytes", in_part("model/weights", "2x3", "2x4")},
        {"another number of bytes", fields("model/weights", shape, "4294967296x4294967302")},
        {"another number of bytes", fields("model/weights", shape, "9223372036854775809x2")},
        {"lengths of dimensions", fields("model/weights", shape, "2x")},
        {"lengths of dimensions", fields("model/weights", shape, "02x3")},
        {"lengths of dimensions", fields("model/weights", shape, "2x3x99999999999999999999")},
        {"lengths of dimensions", fields("model/weights", shape, "-2x-3")},
        {"type that this program", in_part("model/weights", "f64", "f16")},
        {"several dimensions", fields("model/kind", shape, "2x4")},
        {"outside of the file", fields("model/weights", offset, "18446744073709551600")},
        {"outside of the file", fields("model/weights", offset, "0")},
        {"outside of the file", fields("model/weights", offset, std::to_string(sound().size() - 40))},
        {"multiple of 8", fields("model/weights", offset, "4100")},
        {"offset and a number", fields("model/weights", offset, "99999999999999999999")},
        {"offset and a number", fields("model/weights", n_bytes, "+48")},
        {"must be at 0", fields("model/note", offset, "4096")},
        {"overlap",
         [](Lines& lines) {
             auto& line = line_of(lines, "part model/weights ");
             auto const index = parse_index(sound(), sound().size());
             auto const feature =
                 std::find_if(index.entries.begin(), index.entries.end(),
                              [](auto const& entry) { return entry.name == "model/trees/feature"; });
             std::size_t at = 0;
             for (std::size_t i = 0; i < offset; ++i) at = line.find(' ', at) + 1;
             line.replace(at, line.find(' ', at) - at, std::to_string(feature->offset - 40));
         }},
        {"name that parts cannot have", in_part("model/weights", "model/weights", "model/../weights")},
        {"name that parts cannot have", in_part("model/weights", "model/weights", "/etc/passwd")},
        {"name that parts cannot have", in_part("model/weights", "model/weights", "model//weights")},
        {"order of names", in_part("model/weights", "model/weights", "a")},
        {"order of names", in_part("provenance/program", "provenance/program", "model/weights")},
        {"SHA-256", [](Lines& lines) { line_of(lines, "part model/weights").back() = 'X'; }},
        {"SHA-256", [](Lines& lines) { line_of(lines, "part model/weights").pop_back(); }},
        {"'content '", [](Lines& lines) { lines.erase(lines.begin() + 2); }},
        {"another content", [](Lines& lines) { lines[2] = "content " + std::string(64, 'a'); }},
        {"another content", [](Lines& lines) { lines.erase(lines.end() - 2); }},
        {"must have a number", [](Lines& lines) { lines[3] = "length many"; }},
        {"truncated", [](Lines& lines) { lines[3] = "length 1099511627777"; }},
        {"cannot be", [](Lines& lines) { lines[4] = "hdf5 8192000000"; }},
        {"cannot be", [](Lines& lines) { lines[4] = "hdf5 2048"; }},
        {"cannot be", [](Lines& lines) { lines[4] = "hdf5 5000"; }},
        {"'part '", [](Lines& lines) { lines.emplace_back("colour blue"); }},
        {"'part '", [](Lines& lines) { lines.emplace_back(); }},
        {"no HDF5 file", [](Lines& lines) {
             lines[4] = "hdf5 8192";
             lines.resize(5);
             lines[2] = "content " + sha256_text("");
         }}};
    for (auto const& lie : lies) {
        INFO(lie.problem);
        auto const bytes = example::with_index(sound(), lie.tell);
        CHECK_THROWS_WITH(read(bytes), StartsWith("m.h5 ") && Contains(lie.problem));
    }
}

TEST_CASE("a part whose bytes were changed is named", "[archive]") {
    auto bytes = sound();
    auto const index = parse_index(bytes, bytes.size());
    bytes[index.entries.back().offset] = 'X';
    CHECK_THROWS_WITH(read(bytes),
                      "m.h5 is damaged: its part 'provenance/program' has another hash than its index says");
}
