// Outputs of jobs that are brought together in pieces, by several experiments.
#include <filesystem>
#include <optional>
#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/study/merge.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::Options;
using stream::Source;

namespace {

std::string lines(int n) {
    std::string text;
    for (int i = 0; i < n; ++i)
        text +=
            fmt::format("{0},{{\"e\":[{{\"n\":\"id\",\"sv\":\"s{1}\"}},{{\"n\":\"x\",\"v\":\"{0}\"}}]}}\n", i,
                        i * i % 13);
    return text;
}

/// KAL over a file, in parts that are read by ranges of about 20 records.
struct Job {
    explicit Job(std::uint64_t partitions) {
        auto const* const kind = stream::find_job("KAL");
        options.jobs.push_back({kind, Parameters(kind->parameters)});
        options.source = {
            {scratch.file("stream.senml", lines(200))}, "senml", "id", {"x"}, std::uint64_t{1} << 20U, 1};
        options.output.directory = scratch.path() / "out";
        options.bytes_of_range = 1200;
        options.partitions = partitions;
        options.study = scratch.path() / "study.h5";
        source.emplace(options);
        n_ranges = stream::merge_ranges(options, *source, 0).size();
    }

    void run_all() {
        hashes.clear();
        for (std::uint64_t i = 0; i < options.partitions; ++i) {
            if (!stream::skip_reason_of(options, *source, 0, i).empty()) continue;
            auto hash =
                stream::keep_part(options, part(i), stream::run_partition(options, *source, 0, i, 0, watcher),
                                  stream::merge_ranges(options, *source, 0));
            if (!hash.empty()) hashes.push_back(std::move(hash));
        }
    }

    /// @returns what the merge is to be told
    std::string put_pieces() {
        std::vector<std::string> all{stream::hash_of_parts(hashes)};
        for (std::uint64_t range = 0; range < n_ranges; ++range) {
            auto const result = stream::merge_range(options, *source, 0, range, watcher);
            CHECK(result.parts == all.front());
            all.push_back(result.piece.hash);
        }
        return stream::hash_of_parts(all);
    }

    [[nodiscard]] std::string merge(std::string const& wanted) {
        auto const merged = stream::merge_job(options, *source, 0, wanted, watcher);
        CHECK(merged.output.rows == 200);
        CHECK(stream::hash_of_file(output()) == merged.output.hash);
        CHECK_FALSE(std::filesystem::exists(stream::pieces_path(output())));
        return merged.output.hash + merged.state_hash;
    }

    [[nodiscard]] std::filesystem::path part(std::uint64_t partition) const {
        return stream::part_path(options, options.jobs[0], partition);
    }

    [[nodiscard]] std::filesystem::path output() const {
        return stream::output_path(options, options.jobs[0]);
    }

    testing::TemporaryFolder scratch;
    Options options;
    std::optional<Source> source;
    std::uint64_t n_ranges = 0;
    Watcher watcher;
    std::vector<std::string> hashes;
};

}  // namespace

TEST_CASE("an output is the same in pieces and as a whole", "[stream][study]") {
    std::string expected;
    for (std::uint64_t const partitions : {1U, 3U, 64U}) {
        Job job(partitions);
        CHECK(job.n_ranges > 5);
        job.run_all();
        auto const whole = job.merge(stream::hash_of_parts(job.hashes));
        auto const wanted = job.put_pieces();
        CHECK(job.merge(wanted) == whole);
        if (expected.empty()) expected = whole;
        CHECK(whole == expected);
        // Without pieces, as when the output was lost and is merged again.
        CHECK(job.merge(wanted) == whole);
    }
}

TEST_CASE("whatever is lost or damaged between the pieces and the merge is made again", "[stream][study]") {
    Job job(3);
    job.run_all();
    auto const expected = job.merge(stream::hash_of_parts(job.hashes));
    auto const edit = [](std::filesystem::path const& path, std::size_t at) {
        auto bytes = read_file(path);
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        write_file_atomically(path, bytes);
    };
    auto const pieces = stream::pieces_path(job.output());
    auto const check_after = [&](auto const& damage) {
        job.run_all();  // a damaged part that nobody needed was left as it was
        auto const wanted = job.put_pieces();
        damage();
        CHECK(job.merge(wanted) == expected);
    };
    check_after([&] { edit(pieces, 1000); });
    check_after([&] { std::filesystem::resize_file(pieces, 1000); });
    check_after([&] { std::filesystem::remove(pieces); });
    check_after([&] { std::filesystem::remove(job.part(1)); });
    check_after([&] { edit(job.part(2), std::filesystem::file_size(job.part(2)) / 2); });
    check_after([&] {
        edit(job.part(0), 500);
        edit(pieces, 1000);
    });
    check_after([&] {
        std::filesystem::remove_all(job.part(0).parent_path());
        std::filesystem::remove(pieces);
    });
}

TEST_CASE("a piece says what parts it is made of, and that one was damaged", "[stream][study]") {
    Job job(3);
    job.run_all();
    auto const wanted = stream::hash_of_parts(job.hashes);
    auto bytes = read_file(job.part(1));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file_atomically(job.part(1), bytes);
    std::size_t n_damaged = 0;
    for (std::uint64_t range = 0; range < job.n_ranges; ++range) {
        auto const result = stream::merge_range(job.options, *job.source, 0, range, job.watcher);
        CHECK((result.parts.empty() || result.parts == wanted));
        n_damaged += result.parts.empty() ? 1 : 0;
    }
    CHECK(n_damaged == 1);
    std::filesystem::remove(job.part(1));
    CHECK(stream::merge_range(job.options, *job.source, 0, 0, job.watcher).parts != wanted);
    CHECK_THROWS_AS(stream::merge_job(job.options, *job.source, 0, "of others", job.watcher), DataError);
}
