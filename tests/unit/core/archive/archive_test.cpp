#include "core/archive/archive.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "base/support/sha256.hpp"
#include "core/archive/index.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::archive;

namespace {

std::shared_ptr<SealedBlock const> block_of(std::string const& bytes) {
    auto memory = SealedBlock::new_memory();
    if (::write(memory.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    return SealedBlock::seal(std::move(memory));
}

}  // namespace

TEST_CASE("a model file gives back its parts, from the disk and from shared memory", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    auto const parts = example::parts();
    write_archive(path, parts);
    auto const read = read_archive(path);
    CHECK(read.parts == parts);
    CHECK(read.program == "0.0.7+abc");
    CHECK(read.content == content_of(parts));
    CHECK(read.n_bytes == std::filesystem::file_size(path));
    CHECK(read.file_hash == sha256_text(read_file(path)));

    auto const block = block_of(read_file(path));
    auto const mapped = read_archive(block, "model.h5");
    CHECK(mapped.parts == parts);
    auto const* const weights = mapped.parts.get<double>("model/weights").data();
    auto const bytes = block->bytes();
    CHECK(reinterpret_cast<std::byte const*>(weights) > bytes.data());
    CHECK(reinterpret_cast<std::byte const*>(weights) < bytes.data() + bytes.size());
}

TEST_CASE("the beginning of a model file says what the whole file says", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    write_archive(path, example::parts());
    auto const heading = read_heading(path);
    CHECK(heading.content == read_archive(path).content);
    CHECK(heading.program == "0.0.7+abc");
    auto const whole = read_file(path);
    write_file_atomically(path, whole.substr(0, whole.size() - 1));
    CHECK_THROWS_AS(read_heading(path), DataError);
    write_file_atomically(path, "row,site\n");
    CHECK_THROWS_AS(read_heading(path), DataError);
    CHECK_THROWS_AS(read_heading(folder.path()), DataError);
    CHECK_THROWS_AS(read_heading(folder.path() / "none.h5"), IoError);
}

TEST_CASE("a file that is read into shared memory has all of its bytes there", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    auto parts = example::parts();
    parts.put("model/large", std::vector<double>(300'000, 0.25));
    write_archive(path, parts);
    auto const block = read_into_block(path);
    std::string const bytes(reinterpret_cast<char const*>(block->bytes().data()), block->bytes().size());
    CHECK(bytes == read_file(path));
    CHECK(read_archive(block, "model.h5").parts == parts);
    write_file_atomically(path, "");
    CHECK_THROWS_AS(read_into_block(path), DataError);
    CHECK_THROWS_AS(read_into_block(folder.path() / "none.h5"), IoError);
}

TEST_CASE("the identity of a model is that of what it has learned, not of who made it when", "[archive]") {
    auto const parts = example::parts();
    auto const content = content_of(parts);

    auto other = parts;
    other.put_text("provenance/host", "elsewhere");
    other.put<double>("inner/accuracy", {0.5});
    other.put<double>("models", {0.5});
    CHECK(content_of(other) == content);

    Parts renamed;
    Parts reshaped;
    Parts retyped;
    Parts changed;
    for (auto const& [name, part] : parts.all()) {
        auto const is_it = name == "model/weights";
        renamed.put_part(is_it ? "model/weight" : name, part);
        auto flat = part;
        if (is_it) flat.shape = {6};
        reshaped.put_part(name, flat);
        auto as_integers = part;
        if (is_it) as_integers.type = PartType::u64;
        retyped.put_part(name, as_integers);
        if (!is_it) changed.put_part(name, part);
    }
    changed.put<double>("model/weights", std::vector<double>{0.5, -1e-300, 3, 4, 5, 7}, {2, 3});
    CHECK(content_of(renamed) != content);
    CHECK(content_of(reshaped) != content);
    CHECK(content_of(retyped) != content);
    CHECK(content_of(changed) != content);
}

TEST_CASE("equal parts make equal files", "[archive]") {
    testing::TemporaryFolder const folder;
    write_archive(folder.path() / "a.h5", example::parts());
    write_archive(folder.path() / "b.h5", example::parts());
    CHECK(read_file(folder.path() / "a.h5") == read_file(folder.path() / "b.h5"));
}

TEST_CASE("the beginning of a model file is text that anybody can read and check", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    write_archive(path, example::parts());
    auto const bytes = read_file(path);
    auto const beginning = bytes.substr(0, smallest_user_block);
    CHECK(beginning.find('\0') == std::string::npos);
    CHECK(beginning.starts_with(
        fmt::format("vaster-model 1\nprogram 0.0.7+abc\ncontent {}\nlength {}\nhdf5 4096\n",
                    content_of(example::parts()), bytes.size())));
    auto const index = parse_index(bytes, bytes.size());
    REQUIRE(index.entries.size() == 12);
    CHECK(index.entries.back().name == "provenance/program");
    CHECK(bytes.substr(index.entries.back().offset, index.entries.back().n_bytes) == "0.0.7+abc");
    CHECK(beginning.find("\npart model/weights f64 2x3 ") != std::string::npos);
    CHECK(beginning.find("\npart model/trees/none f32 0x7 0 0 ") != std::string::npos);
}

TEST_CASE("an index with many parts gets the room that it needs", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    Parts parts;
    for (std::size_t i = 0; i < most_parts; ++i)
        parts.put<std::uint8_t>(fmt::format("model/{}/{:0>150}", i % 7, i), {static_cast<std::uint8_t>(i)});
    write_archive(path, parts);
    CHECK(read_archive(path).parts == parts);
    parts.put<std::uint8_t>("model/one-more", {1});
    CHECK_THROWS_AS(write_archive(path, parts), std::logic_error);
}

TEST_CASE("nothing is left where a model file could not be written", "[archive]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    write_archive(path, example::parts());
    auto const before = read_file(path);
    Parts parts;
    parts.put_text("model/kind", std::string("a\0b", 3));
    CHECK_THROWS_AS(write_archive(path, parts), std::logic_error);
    Parts conflict;  // a dataset and a group of one name
    conflict.put<double>("model/a", {1});
    conflict.put<double>("model/a/b", {1});
    CHECK_THROWS_AS(write_archive(path, conflict), IoError);
    CHECK_THROWS_AS(write_archive(folder.path() / "none" / "model.h5", example::parts()), IoError);
    CHECK(read_file(path) == before);
    std::size_t n_files = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder.path()))
        n_files += entry.exists() ? 1 : 0;
    CHECK(n_files == 1);
}

TEST_CASE("h5py reads the same numbers, names and texts from a model file", "[archive]") {
    if (std::system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") != 0) return;
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "model.h5";
    write_archive(path, example::parts());
    auto const script = folder.file("read.py", R"(
import h5py, sys
with h5py.File(sys.argv[1], "r") as file:
    assert file["model/weights"][...].tolist() == [[.5, -1e-300, 3], [4, 5, 6]], file["model/weights"][...]
    assert file["model/trees/feature"].dtype == "<u2" and file["model/trees/feature"][2] == 65535
    assert file["data/n"][0] == 1 << 63
    assert file["model/kind"][()].decode() == "weighing"
    assert file["model/note"][()].decode() == ""
    assert file["data/causes"][()].decode().splitlines() == ["Fièvre", "Stroke"]
    assert file["model/trees/none"].shape == (0, 7)
    assert file["model/weights"].chunks is None and file["model/weights"].compression is None
)");
    CHECK(std::system(fmt::format("/usr/bin/python3 -B {} {}", script.string(), path.string()).c_str()) == 0);
}

TEST_CASE("a file is known for a model file by its beginning", "[archive]") {
    testing::TemporaryFolder const folder;
    write_archive(folder.path() / "model.h5", example::parts());
    CHECK(is_archive(folder.path() / "model.h5"));
    CHECK(is_archive(folder.file("cut.h5", "vaster-model 1\n")));
    CHECK_FALSE(is_archive(folder.file("study.h5", "vaster-study 3\n")));
    CHECK_FALSE(is_archive(folder.file("empty.h5", "")));
    CHECK_FALSE(is_archive(folder.path()));
    CHECK_FALSE(is_archive(folder.path() / "none.h5"));
}
