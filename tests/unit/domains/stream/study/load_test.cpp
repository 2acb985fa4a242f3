// Records that are offered to workers: what comes out is what mode results has, and what is kept is read
// back.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "domains/stream/study/load_options.hpp"
#include "domains/stream/study/load_part.hpp"
#include "domains/stream/study/load_run.hpp"
#include "domains/stream/study/load_schema.hpp"
#include "domains/stream/study/partition.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;
using stream::LoadPart;
using stream::LoadWorker;
using stream::Options;
using stream::Source;
using vaster::testing::TemporaryFolder;

namespace {

constexpr int n_records = 200;

/// Records with a missing value, one that is not a number, and a text that JSON escapes, which is not in the
/// line.
std::filesystem::path stream_in(std::filesystem::path const& folder) {
    auto path = folder / "stream.senml";
    std::ofstream out(path);
    for (int i = 0; i < n_records; ++i)
        out << fmt::format(
            "{0},{{\"e\":[{{\"n\":\"id\",\"sv\":\"s\\u00e9{1}\"}},{{\"n\":\"x\",\"v\":{2}}}]}}\n",
            1000 + 50 * i, i * i % 7,
            i % 11 == 0   ? "\"null\""
            : i % 13 == 0 ? "\"one\""
                          : fmt::format("\"{}\"", i));
    return path;
}

Options options_of(std::filesystem::path const& file) {
    Options options;
    for (auto const* const code : {"NOP", "AVG", "DAC"}) {
        auto const* const kind = stream::find_job(code);
        options.jobs.push_back({kind, Parameters(kind->parameters)});
    }
    options.source = {{file}, "senml", "id", {"x"}, std::uint64_t{1} << 20U, 1};
    options.partitions = 3;
    options.study = file.parent_path() / "study.h5";
    return options;
}

stream::LoadCounts counts_of(LoadPart const& part, std::uint64_t n) {
    LoadWorker worker(part, "trial");
    for (std::uint64_t i = 0; i < n; ++i) worker.take(i);
    return worker.finish();
}

}  // namespace

TEST_CASE("A worker that takes each record once yields what the same part yields in mode results") {
    TemporaryFolder const folder;
    Options options = options_of(stream_in(folder.path()));
    for (bool const parses : {true, false}) {
        options.load.parses = parses;
        Source const source(options);
        for (std::size_t job = 0; job < options.jobs.size(); ++job) {
            auto const parts = stream::partitions_of(options, options.jobs[job]);
            for (std::uint64_t i = 0; i < parts; ++i) {
                CAPTURE(options.jobs[job].kind->code, i, parses);
                LoadPart const part(options, source, job, i, parts);
                Watcher watcher;
                auto const whole = stream::run_partition(options, source, job, i, 0, watcher).outcomes;
                auto const own = counts_of(part, part.size()).outcomes;
                CHECK(own.output_hash == whole.output_hash);
                CHECK(own.records_out == whole.records_out);
                CHECK(own.inputs == whole.inputs);
                CHECK(own.missing == whole.missing);
                CHECK(own.bad == whole.bad);
                CHECK(own.pending == whole.pending);
                CHECK(own.keys == whole.keys);
                if (part.size() > 0) CHECK(own.largest_key_share == Approx(whole.largest_key_share));
                CHECK(own.bytes_out == whole.bytes_out);
                CHECK(own.state_bytes == whole.state_bytes);
            }
        }
    }
}

TEST_CASE("Records that are offered again have the numbers and times that follow") {
    TemporaryFolder const folder;
    Options options = options_of(stream_in(folder.path()));
    options.jobs.erase(options.jobs.begin() + 1, options.jobs.end());
    Source const source(options);
    LoadPart const part(options, source, 0, 0, 1);
    REQUIRE(part.size() == n_records);
    CHECK(part.period() == Approx(0.05 * n_records));
    CHECK(part.times()[3] == Approx(0.15));
    auto const twice = counts_of(part, 2 * n_records).outcomes;
    CHECK(twice.good == 2 * n_records);
    CHECK(twice.records_out == 2 * n_records);
    CHECK(twice.keys == counts_of(part, n_records).outcomes.keys);
    // The rows begin with the number of their record: those of the second pass are not those of the first.
    CHECK(twice.output_hash != counts_of(part, n_records).outcomes.output_hash);
    CHECK(twice.output_hash == counts_of(part, 2 * n_records).outcomes.output_hash);
}

TEST_CASE("Two runs at a rate have the same counts and every record counts once") {
    TemporaryFolder const folder;
    Options options = options_of(stream_in(folder.path()));
    options.load.mode = stream::Mode::rate;
    options.load.rate_window = {0.05, 0.1};
    for (auto const arrivals :
         {stream::Arrivals::constant, stream::Arrivals::poisson, stream::Arrivals::data}) {
        options.load.arrivals = arrivals;
        options.load.time_scale = 20;  // 400 a second
        Source const source(options);
        auto const run = [&] { return stream::run_rate(options, source, {1, 0, 1, 2000, 0, "rate"}); };
        auto const one = run();
        auto const two = run();
        auto const& measures = one.measures;
        CAPTURE(static_cast<int>(arrivals));
        CHECK(one.counts.outcomes.output_hash == two.counts.outcomes.output_hash);
        CHECK(one.counts.outcomes.good == two.counts.outcomes.good);
        CHECK(measures.left_out == two.measures.left_out);
        CHECK(one.counts.outcomes.good ==
              measures.left_out + static_cast<std::int64_t>(one.arrays.latency.total()));
        CHECK(measures.latency_p50 > 0);
        CHECK(measures.latency_max >= measures.latency_p99);
        if (arrivals == stream::Arrivals::constant) CHECK(one.counts.outcomes.good == 300);
        if (arrivals == stream::Arrivals::data) CHECK(one.counts.outcomes.good == 60);
    }
}

TEST_CASE("A stream without records has every column at a rate and in a search") {
    TemporaryFolder const folder;
    auto const file = folder.path() / "empty.senml";
    std::ofstream(file) << "\n";
    Options options = options_of(file);
    options.load.rate_window = options.load.peak_window = {0, 0.5};
    Source const source(options);
    auto const rate = stream::run_rate(options, source, {0, 0, 1, 1000, 0, "rate"});
    CHECK(rate.counts.outcomes.good == 0);
    CHECK(std::isnan(rate.measures.latency_p99));
    options.load.mode = stream::Mode::peak;
    auto const peak = stream::run_peak(options, source, {0, 0, 2, 0, 0, "peak"});
    CHECK(peak.measures.peak_rate == 0);
    CHECK(peak.measures.verdict == "there are no records");
    auto const cells = cells_of(peak.counts.outcomes, peak.measures);
    CHECK(cells.size() == load_schema(options.load, false).results.size());
}

TEST_CASE("The largest part of several workers is told") {
    TemporaryFolder const folder;
    auto options = options_of(stream_in(folder.path()));
    options.load.mode = stream::Mode::peak;
    options.load.peak_window = {0, 0.02};
    options.load.peak.repeats = 1;
    Source const source(options);
    auto const share = [&](std::uint64_t workers) {
        auto const peak = stream::run_peak(options, source, {1, 0, workers, 0, 0, "peak"});
        return peak.measures.largest_part_share;
    };
    CHECK(share(1) == 1);
    auto const first = LoadPart(options, source, 1, 0, 2).size();
    auto const second = LoadPart(options, source, 1, 1, 2).size();
    CHECK(first + second == n_records);
    CHECK(share(2) == Approx(static_cast<double>(std::max(first, second)) / n_records));
}

TEST_CASE("Rows of loads are read with and without the columns that older files lack") {
    stream::Design design;
    for (std::int64_t const copies : {1, 3}) {
        design.scale_space = copies;
        auto const cells = cells_of(design, stream::LoadDesign{5, "data", 2});
        CHECK(cells.size() == stream::load_schema({}, copies > 1).design.size());
        CHECK(stream::design_of(cells).scale_space == copies);
        CHECK(stream::load_design_of(cells).offered_rate == 5);
        CHECK(stream::load_design_of(cells).workers == 2);
    }
    stream::Outcomes outcomes;
    outcomes.input_rate = 4;
    stream::LoadMeasures measures;
    measures.latency_p50 = 0.25;
    measures.verdict = "slow";
    measures.largest_part_share = 0.5;
    auto cells = cells_of(outcomes, measures);
    CHECK(stream::load_measures_of(cells).largest_part_share == 0.5);
    auto const truths = cells.begin() + static_cast<std::ptrdiff_t>(stream::cells_of(outcomes).size()) - 2;
    cells.erase(truths, truths + 2);
    cells.pop_back();
    auto const older = stream::load_measures_of(cells);
    CHECK(stream::outcomes_of(cells).input_rate == 4);
    CHECK(older.latency_p50 == 0.25);
    CHECK(older.verdict == "slow");
    CHECK(std::isnan(older.largest_part_share));
}

TEST_CASE("What a load keeps in arrays is read back as it was") {
    stream::LoadPlan load;
    load.mode = stream::Mode::peak;
    load.peak_window = {0.2, 0.5};
    stream::LoadArrays arrays;
    for (double const value : {1e-9, 2e-6, 2e-6, 3e-3, 5e3}) arrays.latency.add(value);
    arrays.service.add(1e-6, 7);
    arrays.trials = {
        {.rate = 100, .repeat = 1, .verdict = stream::LoadVerdict::growing, .p99 = 0.5, .offered = 70},
        {.rate = 50, .late_starts = 3}};
    arrays.samples = {std::vector<stream::LoadSample>(7, {5, 4, 3}), std::vector<stream::LoadSample>(7)};
    auto const schema = load_schema(load, false);
    std::vector<std::vector<std::uint8_t>> bytes(schema.arrays.size() - 3);
    for (auto& one : packed(arrays, load)) bytes.push_back(std::move(one));
    for (std::size_t i = schema.arrays.size() - 3; i < schema.arrays.size(); ++i) {
        std::size_t n = study::element_bytes(schema.arrays[i]);
        for (auto const length : schema.arrays[i].shape) n *= length;
        CHECK(bytes[i].size() == n);
    }
    stream::LoadMeasures measures;
    measures.latency_max = 5e3;
    measures.service_max = 1e-6;
    auto const back = load_arrays_of(schema, bytes, measures);
    CHECK(back.latency.percentile(0.5) == arrays.latency.percentile(0.5));
    CHECK(back.latency.percentile(1) == 5e3);
    CHECK(back.service.total() == 7);
    REQUIRE(back.trials.size() == 2);
    CHECK(back.trials[0].verdict == stream::LoadVerdict::growing);
    CHECK(back.trials[0].p99 == 0.5);
    CHECK(back.trials[1].late_starts == 3);
    REQUIRE(back.samples.size() == 2);
    CHECK(back.samples[0][6].done == 4);
    bytes.back().resize(bytes.back().size() / 2);
    bytes[bytes.size() - 2].pop_back();
    CHECK_THROWS_AS(load_arrays_of(schema, bytes, measures), DataError);
}

TEST_CASE("Stalls are numbers of records with seconds and other texts are refused") {
    auto const stalls = stream::stalls_of("stall:5:0.5,stall:17:2");
    REQUIRE(stalls.size() == 2);
    CHECK(stalls[1].record == 17);
    CHECK(stalls[1].seconds == 2);
    CHECK(stream::stalls_of("").empty());
    for (auto const* const text : {"stall", "stall:5", "stall:-1:2", "stall:1:x", "crash:1:2", "stall:1:2,",
                                   "stall:1:1e9", "stall:1:nan"})
        CHECK_THROWS_WITH(stream::stalls_of(text), Contains("stall:RECORD:SECONDS"));
}
