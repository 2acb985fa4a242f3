// Streams that stay on the disk: their lines by partition, and what comes of them.
#include "domains/stream/study/spill.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/partition.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::Options;
using stream::Source;

namespace {

namespace fs = std::filesystem;

std::string lines(int n) {
    std::string text = "no record\n";
    for (int i = 0; i < n; ++i)
        text +=
            fmt::format("{0},{{\"e\":[{{\"n\":\"id\",\"sv\":\"s{1}\"}},{{\"n\":\"x\",\"v\":\"{2}\"}}]}}\n{3}",
                        i - i % 5 * 3, i * i % 13, i % 50 == 0 ? "none" : std::to_string(i),
                        i % 30 == 0 ? "\nbroken\n" : "");
    return text;
}

/// A job of each keying. @param memory  of the stream [bytes]
Options options_of(fs::path const& file, std::uint64_t partitions, std::uint64_t memory) {
    Options options;
    for (auto const* const code : {"NOP", "AVG", "DAC"}) {
        auto const* const kind = stream::find_job(code);
        options.jobs.push_back({kind, Parameters(kind->parameters)});
    }
    options.source.files = {file};
    options.source.format = "senml";
    options.source.sensor = "id";
    options.source.fields = {"x"};
    options.source.longest = 1000;
    options.source.memory = memory;
    options.source.block = 100;
    options.partitions = partitions;
    options.study = file.parent_path() / "study.h5";
    return options;
}

stream::PartitionResult ran(Options const& options, Source const& source, std::size_t job,
                            std::uint64_t partition) {
    Watcher watcher;
    return stream::run_partition(options, source, job, partition, 0, watcher);
}

void write_all(Options const& options, Source const& source) {
    Watcher watcher;
    for (std::uint64_t i = 0; i < stream::n_spills(source); ++i)
        stream::write_spill(options, source, i, watcher);
}

void check_same_results(Options const& options, Source const& source, Options const& in_memory) {
    Source const whole(in_memory);
    for (std::size_t job = 0; job < options.jobs.size(); ++job) {
        for (std::uint64_t i = 0; i < stream::partitions_of(options, options.jobs[job]); ++i) {
            auto const wanted = ran(in_memory, whole, job, i);
            auto const result = ran(options, source, job, i);
            CHECK(result.output.text() == wanted.output.text());
            CHECK(result.output.records() == wanted.output.records());
            CHECK(result.states == wanted.states);
            CHECK(result.outcomes.records_in == wanted.outcomes.records_in);
            // Who reads a block of the files does not see what the sensor had before it.
            bool const is_block = stream::keying_of(options.jobs[job]) == stream::Keying::record;
            CHECK(result.outcomes.out_of_order <= wanted.outcomes.out_of_order);
            if (!is_block) CHECK(result.outcomes.out_of_order == wanted.outcomes.out_of_order);
            CHECK(result.outcomes.keys == wanted.outcomes.keys);
            CHECK(result.outcomes.bytes_in == wanted.outcomes.bytes_in);
            CHECK(result.outcomes.first_error == wanted.outcomes.first_error);
        }
    }
}

}  // namespace

TEST_CASE("a stream on the disk yields what it yields in memory", "[stream][spill]") {
    testing::TemporaryFolder const scratch;
    auto const file = scratch.file("stream.senml", lines(400));
    for (std::uint64_t const partitions : {1U, 3U, 64U}) {
        // So little memory that several chunks go into a file.
        auto const options = options_of(file, partitions, 3000);
        Source const source(options);
        REQUIRE(stream::is_split(options, source));
        CHECK(stream::n_spills(source) > 2);
        write_all(options, source);
        check_same_results(options, source, options_of(file, partitions, 1U << 30U));
        CHECK(source.content_hash() == Source(options_of(file, partitions, 1U << 30U)).content_hash());
    }
}

TEST_CASE("lines by partition that are lost, cut or edited are written again", "[stream][spill]") {
    testing::TemporaryFolder const scratch;
    auto const file = scratch.file("stream.senml", lines(400));
    auto const options = options_of(file, 3, 3000);
    Source const source(options);
    std::string const wanted(ran(options, source, 1, 1).output.text());  // writes them all itself
    Watcher watcher;
    auto const hash = stream::write_spill(options, source, 1, watcher).hash;
    CHECK(stream::write_spill(options, source, 1, watcher).hash == hash);
    auto const path = stream::spill_path(options, 1);
    auto const size = fs::file_size(path);
    fs::resize_file(path, size - 5);
    CHECK(ran(options, source, 1, 1).output.text() == wanted);
    CHECK(fs::file_size(path) == size);
    for (std::uintmax_t at = 30; at < size; at += size / 9) {
        std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(static_cast<std::streamoff>(at));
        bytes.write("\x7f", 1);
        bytes.close();
        for (std::uint64_t i = 0; i < 3; ++i) CHECK(ran(options, source, 1, i).output.text().size() > 10);
        CHECK(ran(options, source, 1, 1).output.text() == wanted);
    }
    stream::remove_spills(options);
    CHECK_FALSE(fs::exists(path));
    // Whoever needs them after that leaves none.
    CHECK(ran(options, source, 1, 1).output.text() == wanted);
    CHECK_FALSE(fs::exists(stream::spill_folder(options)));
}

TEST_CASE("a stream on the disk that has changed is not split", "[stream][spill]") {
    testing::TemporaryFolder const scratch;
    auto const file = scratch.file("stream.senml", lines(400));
    auto const options = options_of(file, 3, 3000);
    Source const source(options);
    CHECK(scratch.file("stream.senml", lines(401)) == file);
    Watcher watcher;
    CHECK_THROWS_AS(stream::write_spill(options, source, 0, watcher), DataError);
    CHECK_FALSE(fs::exists(stream::spill_path(options, 0)));
}

TEST_CASE("jobs without a state for each sensor need no lines by partition", "[stream][spill]") {
    testing::TemporaryFolder const scratch;
    auto options = options_of(scratch.file("stream.senml", lines(400)), 3, 3000);
    options.jobs.erase(options.jobs.begin() + 1);
    CHECK_FALSE(stream::is_split(options, Source(options)));
    options.source.memory = 1U << 30U;
    options.jobs = options_of(options.source.files[0], 3, 1).jobs;
    CHECK_FALSE(stream::is_split(options, Source(options)));
}
