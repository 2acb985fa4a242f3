// A stream that is opened once a host, and what its partitions are.
#include "domains/stream/study/source.hpp"

#include <filesystem>
#include <numeric>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "domains/stream/study/merge.hpp"
#include "domains/stream/study/partition.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;
using stream::Options;
using stream::Output;
using stream::Source;

namespace {

std::string lines(int n) {
    std::string text = "no record\n";
    for (int i = 0; i < n; ++i)
        text +=
            fmt::format("{0},{{\"e\":[{{\"n\":\"id\",\"sv\":\"s{1}\"}},{{\"n\":\"x\",\"v\":\"{0}\"}}]}}\n", i,
                        i * i % 13);
    return text;
}

/// A job of each keying over one file, whose parts are kept beside a study file.
Options options_of(std::filesystem::path const& file, std::uint64_t partitions) {
    Options options;
    for (auto const* const code : {"NOP", "AVG", "DAC"}) {
        auto const* const kind = stream::find_job(code);
        options.jobs.push_back({kind, Parameters(kind->parameters)});
    }
    options.source = {{file}, "senml", "id", {"x"}, std::uint64_t{1} << 20U, 1};
    options.output.directory = file.parent_path() / "out";
    options.partitions = partitions;
    options.study = file.parent_path() / "study.h5";
    return options;
}

stream::PartitionResult ran(Options const& options, Source const& source, std::size_t job,
                            std::uint64_t partition) {
    Watcher watcher;
    return stream::run_partition(options, source, job, partition, 0, watcher);
}

/// Runs all partitions of a job and keeps what they leave. @returns hash_of_parts()
std::string run_all(Options const& options, Source const& source, std::size_t job) {
    std::vector<std::string> hashes;
    for (std::uint64_t i = 0; i < stream::partitions_of(options, options.jobs[job]); ++i) {
        if (!stream::skip_reason_of(options, source, job, i).empty()) continue;
        auto hash =
            stream::keep_part(options, stream::part_path(options, options.jobs[job], i),
                              ran(options, source, job, i), stream::merge_ranges(options, source, job));
        if (!hash.empty()) hashes.push_back(std::move(hash));
    }
    return stream::hash_of_parts(hashes);
}

}  // namespace

TEST_CASE("a stream opened from a block is the one that was looked at", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const options = options_of(scratch.file("stream.senml", lines(200)), 5);
    auto const alone = stream::source_from(options, study::FromSource());
    CHECK(alone.block == nullptr);
    auto const first = stream::source_from(options, study::FromSourceToShare());
    REQUIRE(first.block != nullptr);
    auto const second = stream::source_from(options, study::FromBlock{first.block});
    CHECK(second.block == first.block);
    for (auto const* const source : {&first.source, &second.source}) {
        CHECK(source->content_hash() == alone.source.content_hash());
        CHECK(source->inventory().facts == alone.source.inventory().facts);
        for (std::size_t job = 0; job < options.jobs.size(); ++job)
            for (std::uint64_t i = 0; i < stream::partitions_of(options, options.jobs[job]); ++i) {
                auto const expected = ran(options, alone.source, job, i);
                auto const result = ran(options, *source, job, i);
                CHECK(result.output.text() == expected.output.text());
                CHECK(result.states == expected.states);
                CHECK(result.outcomes.broken == expected.outcomes.broken);
            }
    }
}

TEST_CASE("records are not looked at again by whoever has the block", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.file("stream.senml", lines(50));
    auto const options = options_of(path, 3);
    auto const block = stream::source_from(options, study::FromSourceToShare()).block;
    auto const size = std::filesystem::file_size(path);
    auto const time = std::filesystem::last_write_time(path);
    // As if nothing had happened, but nothing in it is a record any more.
    CHECK(scratch.file("stream.senml", std::string(size, '?')) == path);
    std::filesystem::last_write_time(path, time);
    Source const source(options, block);
    CHECK(source.index().records().size() == 50);

    CHECK(scratch.file("stream.senml", lines(51)) == path);
    CHECK_THROWS_WITH(Source(options, block), Contains("stream.senml has changed"));
}

TEST_CASE("tasks without a state take blocks of records, those with one the records of sensors",
          "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const options = options_of(scratch.file("stream.senml", lines(200)), 4);
    Source const source(options);
    auto const n_records = [&](std::size_t job) {
        std::vector<std::uint64_t> n;
        for (std::uint64_t i = 0; i < stream::partitions_of(options, options.jobs[job]); ++i)
            n.push_back(source.n_records(options.jobs[job], i));
        CHECK(std::accumulate(n.begin(), n.end(), std::uint64_t{0}) == 200);
        return n;
    };
    for (auto const n : n_records(0)) CHECK((n >= 47 && n <= 53));
    CHECK(n_records(1).size() == 4);
    CHECK(n_records(2) == std::vector<std::uint64_t>{200});
    auto const keys = ran(options, source, 0, 1).outcomes.keys;
    CHECK((keys > 1 && keys <= 13));
}

TEST_CASE("the output of a task is the same for any number of partitions", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.file("stream.senml", lines(100));
    for (std::size_t job = 0; job < 3; ++job) {
        std::string expected;
        for (std::uint64_t const n : {1U, 3U, 64U, 500U}) {
            auto const options = options_of(path, n);
            Source const source(options);
            auto const parts = run_all(options, source, job);
            Watcher watcher;
            auto const merged = stream::merge_job(options, source, job, parts, watcher);
            CHECK(merged.output.rows > 0);
            if (expected.empty()) expected = merged.output.hash;
            CHECK(merged.output.hash == expected);
            std::filesystem::remove_all(stream::side_folder(options.study));
        }
    }
}

TEST_CASE("rows are the same in the memory of those of another partition", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    for (auto const form : {Output::Form::csv, Output::Form::plain}) {
        auto options = options_of(scratch.file("stream.senml", lines(300)), 2);
        options.output.form = form;
        Source const source(options);
        for (std::size_t job = 0; job < 2; ++job) {
            auto const wanted = ran(options, source, job, 1);
            Watcher watcher;
            auto const found = stream::run_partition(options, source, job, 1, 0, watcher, {},
                                                     ran(options, source, job, 0).output);
            CHECK(found.output.text() == wanted.output.text());
            CHECK(found.output.records() == wanted.output.records());
            CHECK(found.output.starts() == wanted.output.starts());
            CHECK(found.outcomes.output_hash == wanted.outcomes.output_hash);
        }
    }
}

TEST_CASE("who has very many sensors is told what their states take memory of", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const facts_of = [&](int n_sensors) {
        std::string text;
        for (int i = 0; i < n_sensors; ++i)
            text += fmt::format("1,{{\"e\":[{{\"n\":\"id\",\"sv\":\"s{}\"}},{{\"n\":\"x\",\"v\":1}}]}}\n", i);
        auto const options = options_of(scratch.file("many.senml", text), 3);
        return fmt::format("{}", fmt::join(Source(options).inventory().facts, "\n"));
    };
    CHECK_THAT(facts_of(100'001), Contains("100001 of them") && Contains("stream.partitions = 3"));
    CHECK_THAT(facts_of(100), !Contains("run.memory"));
}

TEST_CASE("a part that is lost or damaged before the merge is made again", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const options = options_of(scratch.file("stream.senml", lines(100)), 3);
    Source const source(options);
    auto const parts = run_all(options, source, 0);
    Watcher watcher;
    auto const expected = stream::merge_job(options, source, 0, parts, watcher).output.hash;
    std::filesystem::remove(stream::part_path(options, options.jobs[0], 1));
    std::filesystem::resize_file(stream::part_path(options, options.jobs[0], 2), 30);
    CHECK(stream::merge_job(options, source, 0, parts, watcher).output.hash == expected);
    CHECK_THROWS_AS(stream::merge_job(options, source, 0, "of others", watcher), DataError);
}

TEST_CASE("a partition that leaves nothing leaves no file, not even an old one", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto options = options_of(scratch.file("stream.senml", "no record\n"), 2);
    auto const path = stream::part_path(options, options.jobs[0], 0);
    stream::write_part(path, stream::Output(), {{"s", "state of an old study"}});
    Source const source(options);
    CHECK(stream::keep_part(options, path, ran(options, source, 0, 0), {}).empty());
    CHECK_FALSE(std::filesystem::exists(path));
    Watcher watcher;
    auto const merged = stream::merge_job(options, source, 0, stream::hash_of_parts({}), watcher);
    CHECK(merged.output.rows == 0);
}

TEST_CASE("parts are the same whether they are waited for or not", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto options = options_of(scratch.file("stream.senml", lines(20)), 1);
    Source const source(options);
    auto const later = run_all(options, source, 1);
    options.output.waits_for_disk = true;
    CHECK(run_all(options, source, 1) == later);
    for (auto const& entry : std::filesystem::directory_iterator(stream::side_folder(options.study)))
        CHECK(entry.path().extension() == ".part");
}
