// What jobs yield of made-up streams, against what is known of these.
#include "domains/stream/study/truth.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "vaster/support/watcher.hpp"

using namespace vaster;
using stream::Options;
using stream::Source;

namespace {

/// A job over records of SYS without faults, in one partition.
Options job_of(testing::TemporaryFolder const& folder, std::string const& code, std::uint64_t n_records) {
    Options options;
    auto const* const kind = stream::find_job(code);
    options.jobs.push_back({kind, Parameters(kind->parameters)});
    options.source.format = "senml";
    options.source.sensor = "source";
    options.source.longest = std::uint64_t{1} << 20U;
    auto& made_up = options.source.made_up.emplace();
    made_up.settings.set = stream::find_data_set("SYS");
    made_up.settings.faults = {0, 0, 0, 0};
    made_up.n_records = n_records;
    options.study = folder.path() / "study.h5";
    return options;
}

stream::PartitionResult result_of(Options const& options, Source const& source) {
    Watcher watcher;
    return stream::run_partition(options, source, 0, 0, 0, watcher);
}

stream::TruthError error_of(Options const& options) {
    Source const source(options);
    return stream::truth_error(options, source, 0, result_of(options, source));
}

}  // namespace

TEST_CASE("the number of sensors is compared with those that there were", "[stream][truth]") {
    testing::TemporaryFolder const folder;
    auto options = job_of(folder, "DAC", 400);
    options.source.made_up->settings.n_sensors = 300;
    Source const source(options);
    auto result = result_of(options, source);
    auto const error = stream::truth_error(options, source, 0, result);
    CHECK(error.rows == 400);
    CHECK(error.error > 0);
    CHECK(error.error < 0.1);

    // Sensors come one after the other: 1, 2, ..., 300, 300, ...
    stream::Output exact(stream::Output::Form::csv, 1);
    for (std::uint64_t record = 0; record < 400; ++record)
        exact.begin(record).cell(1.1 * static_cast<double>(std::min<std::uint64_t>(record + 1, 300))).end();
    result.output = std::move(exact);
    CHECK(stream::truth_error(options, source, 0, result).error == Approx(0.1));
}

TEST_CASE("smoothed values are compared with those without noise", "[stream][truth]") {
    testing::TemporaryFolder const folder;
    auto options = job_of(folder, "KAL", 1800);
    options.source.fields = {"temperature"};
    // Shown as they are observed, and as they are smoothed.
    options.jobs[0].parameters.set("process_noise", 1e9);
    auto const observed = error_of(options);
    options.jobs[0].parameters.set("process_noise", 0.05);
    options.jobs[0].parameters.set("sensor_noise", 0.64);
    auto const smoothed = error_of(options);
    CHECK(observed.rows == 1800);
    CHECK(smoothed.error < 0.75 * observed.error);

    Source const source(options);
    auto result = result_of(options, source);
    stream::Output shifted(stream::Output::Form::csv, 3);
    stream::Generator const generator(options.source.made_up->settings);
    for (std::uint64_t record = 0; record < 90; ++record) {
        double const truth = generator.values_without_noise(record).at(2);
        shifted.begin(record)
            .cell(std::string_view("ci"))
            .cell(std::string_view("temperature"))
            .cell(1.5 * truth);
        shifted.end();
    }
    result.output = std::move(shifted);
    CHECK(stream::truth_error(options, source, 0, result).error == Approx(0.5));
    // Record 2 n + 1 is the copy of record n.
    auto copied = options;
    copied.source.copies = 2;
    Source const twice(copied);
    auto const error = stream::truth_error(copied, twice, 0, result_of(copied, twice));
    CHECK(error.rows == 3600);
    CHECK(error.error == Approx(smoothed.error).epsilon(1e-12));
}

TEST_CASE("coefficients are compared with those that the target is made with", "[stream][truth]") {
    testing::TemporaryFolder const folder;
    auto options = job_of(folder, "MLT", 6000);
    options.source.fields = {"light", "temperature", "humidity", "airquality_raw"};
    options.jobs[0].parameters.set("target", std::string("airquality_raw"));
    options.jobs[0].parameters.set("batch", std::int64_t{3000});
    auto const error = error_of(options);
    CHECK(error.rows == 2);
    CHECK(error.error < 0.05);
    // The truth is not known of a model that lacks a term, or has another target.
    options.source.fields = {"light", "temperature", "airquality_raw"};
    CHECK(error_of(options).rows == 0);
    options.source.fields = {"humidity", "temperature", "light"};
    options.jobs[0].parameters.set("target", std::string("light"));
    CHECK(std::isnan(error_of(options).error));
}

TEST_CASE("nothing is known of other jobs and other streams", "[stream][truth]") {
    testing::TemporaryFolder const folder;
    CHECK(error_of(job_of(folder, "NOP", 10)).rows == 0);
    auto plain = job_of(folder, "DAC", 10);
    plain.output.form = stream::Output::Form::plain;
    CHECK(error_of(plain).rows == 0);
    auto read = job_of(folder, "DAC", 10);
    Source const source(read);
    auto const result = result_of(read, source);
    read.source.made_up.reset();
    CHECK(stream::truth_error(read, source, 0, result).rows == 0);
}
