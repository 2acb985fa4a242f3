// Files of partitions, and how they are brought together.
#include "domains/stream/study/part_file.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::KeptState;
using stream::Output;
using stream::PartFile;

namespace {

/// Rows "RECORD,WORD" of the records.
Output output_of(std::vector<std::pair<std::uint64_t, std::string>> const& rows) {
    Output output;
    for (auto const& [record, word] : rows) output.begin(record).cell(std::string_view(word)).end();
    return output;
}

}  // namespace

TEST_CASE("a part gives back its rows and its states", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "new folder" / "AVG-3.part";
    std::vector<KeptState> const states{{"s1", std::string("\0\1\2", 3)}, {"", "x"}, {"s2", ""}};
    auto const hash = stream::write_part(path, output_of({{4, "four"}, {4, "again"}, {9, "nine"}}), states);

    PartFile const part(path);
    CHECK(part.hash() == hash);
    CHECK(part.n_rows() == 3);
    for (std::size_t const memory : {1U, 50U, 1000U}) {
        std::vector<std::pair<std::uint64_t, std::string>> rows;
        for (stream::PartRows row(part, memory); !row.at_end(); row.next())
            rows.emplace_back(row.record(), std::string(row.row()));
        CHECK(rows == std::vector<std::pair<std::uint64_t, std::string>>{
                          {4, "4,four\n"}, {4, "4,again\n"}, {9, "9,nine\n"}});
    }
    CHECK(part.states() == states);
    CHECK(stream::has_part(path, hash));
    CHECK_FALSE(stream::has_part(path, "another"));
    CHECK_FALSE(stream::has_part(scratch.path() / "nothing", hash));
}

TEST_CASE("a part without rows and states is whole", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "part";
    stream::write_part(path, Output(), {});
    PartFile const part(path);
    CHECK(part.n_rows() == 0);
    CHECK(part.states().empty());
}

TEST_CASE("a part that was cut or edited is refused by name", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "AVG-3.part";
    auto const hash = stream::write_part(path, output_of({{4, "four"}, {9, "nine"}}), {{"s", "state"}});
    auto const whole = read_file(path);
    auto const check_refused = [&](std::string const& bytes) {
        write_file_atomically(path, bytes);
        CHECK_FALSE(stream::has_part(path, hash));
        CHECK_THROWS_WITH(PartFile(path), Catch::Contains(path.string()) && Catch::Contains("--resume"));
    };
    check_refused("");
    check_refused("hello");
    for (auto const length : {whole.size() / 3, whole.size() - 1}) check_refused(whole.substr(0, length));
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        auto edited = whole;
        edited[at] = static_cast<char>(edited[at] ^ 1);
        check_refused(edited);
    }
    check_refused(whole + "more");
}

TEST_CASE("parts are merged by record, whatever the number of parts", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    std::vector<std::pair<std::uint64_t, std::string>> rows;
    std::string expected = "record,word\n";
    for (std::uint64_t record = 0; record < 500; ++record) {
        for (std::uint64_t k = 0; k < hash64(std::to_string(record)) % 3; ++k) {
            rows.emplace_back(record, "w" + std::to_string(k));
            expected += std::to_string(record) + ",w" + std::to_string(k) + "\n";
        }
    }
    for (std::size_t const n_parts : {1U, 2U, 7U, 64U}) {
        std::vector<PartFile> parts;
        parts.reserve(n_parts);
        for (std::size_t i = 0; i < n_parts; ++i) {
            std::vector<std::pair<std::uint64_t, std::string>> own;
            for (auto const& row : rows)
                if (hash64("p" + std::to_string(row.first)) % n_parts == i) own.push_back(row);
            auto const path = scratch.path() / std::to_string(i);
            stream::write_part(path, output_of(own), {});
            parts.emplace_back(path);
        }
        // What a process that was killed has left goes away.
        auto const left = scratch.file(".all.csv.aB3dE5", "half");
        auto const merged = stream::merge_parts(parts, "record,word\n", scratch.path() / "all.csv");
        auto const text = read_file(scratch.path() / "all.csv");
        CHECK(text == expected);
        CHECK_FALSE(std::filesystem::exists(left));
        CHECK(merged.rows == rows.size());
        CHECK(merged.bytes == text.size());
        CHECK(merged.hash == hash_text(text));
    }
}

TEST_CASE("a folder that cannot be made is named", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    write_file_atomically(scratch.path() / "file", "x");
    CHECK_THROWS_AS(stream::write_part(scratch.path() / "file" / "part", Output(), {}), IoError);
}
