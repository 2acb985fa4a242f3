// Files of partitions brought together, as a whole and in pieces.
#include "domains/stream/study/merged_file.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::MergedInRanges;
using stream::Output;
using stream::PartFile;
using stream::RecordRanges;

namespace {

constexpr std::uint64_t n_records = 500;
constexpr auto header = "record,word\n";

/// Up to two rows of each record, divided among so many parts, and what is to come of them.
struct Stream {
    Stream(std::size_t n_parts, RecordRanges const& ranges) : path(scratch.path() / "all.csv") {
        std::vector<Output> outputs(n_parts);
        text = header;
        for (std::uint64_t record = 0; record < n_records; ++record) {
            auto& output = outputs[hash64(fmt::format("p{}", record)) % n_parts];
            for (std::uint64_t k = 0; k < hash64(fmt::format("{}", record)) % 3; ++k) {
                output.begin(record).cell(fmt::format("w{}", k)).end();
                text += fmt::format("{},w{}\n", record, k);
                ++n_rows;
            }
        }
        for (std::size_t i = 0; i < n_parts; ++i) {
            files.push_back(scratch.path() / fmt::format("{}.part", i));
            stream::write_part(files.back(), outputs[i], {}, stream::Sync::later, ranges);
        }
    }

    [[nodiscard]] std::vector<PartFile> unseen() const {
        std::vector<PartFile> parts;
        for (auto const& file : files) parts.push_back(PartFile::with_rows_unseen(file));
        return parts;
    }

    testing::TemporaryFolder scratch;
    std::filesystem::path path;
    std::vector<std::filesystem::path> files;
    std::string text;
    std::uint64_t n_rows = 0;
};

/// Puts all pieces, in an order of its own. @returns their hashes
std::vector<std::string> put_pieces(Stream const& stream, std::vector<std::uint64_t> const& order) {
    std::vector<std::string> hashes(order.size());
    for (auto const range : order) {
        auto const piece = stream::write_piece(stream.unseen(), header, stream.path, range);
        REQUIRE(piece);
        hashes[range] = piece->hash;
    }
    return hashes;
}

stream::IsRight expecting(std::vector<std::string> const& hashes) {
    return [hashes](MergedInRanges const& merged) { return merged.ranges == hashes; };
}

}  // namespace

TEST_CASE("parts are merged by record, whatever the number of parts", "[stream][study]") {
    for (std::size_t const n_parts : {1U, 2U, 7U, 64U}) {
        Stream const stream(n_parts, {});
        std::vector<PartFile> const parts(stream.files.begin(), stream.files.end());
        // What a process that was killed has left goes away.
        auto const left = stream.scratch.file(".all.csv.aB3dE5", "half");
        auto const pieces = stream.scratch.file(".all.csv.merging", "half");
        auto const merged = stream::merge_parts(parts, header, stream.path);
        REQUIRE(merged);
        CHECK(read_file(stream.path) == stream.text);
        CHECK_FALSE(std::filesystem::exists(left));
        CHECK_FALSE(std::filesystem::exists(pieces));
        CHECK(merged->rows == stream.n_rows);
        CHECK(merged->bytes == stream.text.size());
        CHECK(merged->hash == hash_text(stream.text));
    }
}

TEST_CASE("pieces that were put to their places are the merged file", "[stream][study]") {
    for (std::size_t const n_parts : {1U, 3U, 64U}) {
        for (std::uint64_t const n : {2U, 5U}) {
            Stream const stream(n_parts, {0, n_records, n});
            std::vector<std::uint64_t> order{n - 1, n - 1};  // one of them twice
            for (std::uint64_t range = n - 1; range-- > 0;) order.push_back(range);
            // Of another study, and longer.
            write_file_atomically(stream::pieces_path(stream.path), std::string(100'000, 'x'));
            std::vector<std::string> hashes(n);
            for (auto const range : order)
                hashes[range] = stream::write_piece(stream.unseen(), header, stream.path, range)->hash;
            CHECK_FALSE(std::filesystem::exists(stream.path));
            auto const joined = stream::join_pieces(stream.unseen(), header, stream.path, expecting(hashes));
            REQUIRE(joined);
            CHECK(read_file(stream.path) == stream.text);
            CHECK(joined->hash == hash_text(stream.text));
            CHECK(joined->rows == stream.n_rows);
            CHECK(joined->bytes == stream.text.size());
            CHECK_FALSE(std::filesystem::exists(stream::pieces_path(stream.path)));
            // Who brings the parts together as a whole finds the same pieces.
            std::vector<PartFile> const parts(stream.files.begin(), stream.files.end());
            auto const merged =
                stream::merge_parts(parts, header, stream.path, {0, n_records, n}, expecting(hashes));
            REQUIRE(merged);
            CHECK(merged->hash == joined->hash);
        }
    }
}

TEST_CASE("a file with a piece that is not there is not taken for a whole one", "[stream][study]") {
    Stream const stream(3, {0, n_records, 4});
    auto const hashes = put_pieces(stream, {0, 1, 2, 3});
    auto const pieces = stream::pieces_path(stream.path);
    auto const whole = read_file(pieces);
    auto const check_refused = [&](std::string const& bytes) {
        write_file_atomically(pieces, bytes);
        CHECK_FALSE(stream::join_pieces(stream.unseen(), header, stream.path, expecting(hashes)));
        CHECK_FALSE(std::filesystem::exists(stream.path));
    };
    check_refused("");
    check_refused(whole.substr(0, whole.size() - 1));
    for (std::size_t at = 0; at < whole.size(); at += 97) {
        auto edited = whole;
        edited[at] = '\0';
        check_refused(edited);
    }
    std::filesystem::remove(pieces);
    CHECK_FALSE(stream::join_pieces(stream.unseen(), header, stream.path, expecting(hashes)));
    // Once more the same bytes.
    CHECK(put_pieces(stream, {2, 0, 3, 1}) == hashes);
    CHECK(stream::join_pieces(stream.unseen(), header, stream.path, expecting(hashes)));
    CHECK(read_file(stream.path) == stream.text);
}

TEST_CASE("a piece is not made of rows that were edited", "[stream][study]") {
    Stream const stream(3, {0, n_records, 2});
    auto part = read_file(stream.files[1]);
    auto const at = part.find(",w0\n");
    part[at + 2] = '7';
    write_file_atomically(stream.files[1], part);
    CHECK_FALSE(stream::write_piece(stream.unseen(), header, stream.path, 0));
    CHECK(stream::write_piece(stream.unseen(), header, stream.path, 1));
}
