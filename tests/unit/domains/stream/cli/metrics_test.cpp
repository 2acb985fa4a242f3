#include "domains/stream/cli/metrics.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "domains/stream/cli/file_flags.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/schema.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;

namespace {

stream::Outcomes outcomes(std::int64_t good, std::int64_t broken, std::int64_t rows, double seconds) {
    stream::Outcomes outcomes;
    outcomes.records_in = good + broken;
    outcomes.good = good;
    outcomes.records_out = rows;
    outcomes.none = 3;
    outcomes.filtered = 2;
    outcomes.missing = 1;
    outcomes.errors = broken;
    outcomes.seconds = seconds;
    return outcomes;
}

}  // namespace

TEST_CASE("counts are summed over ranks and the time is that of the busiest", "[stream][metrics]") {
    stream::Metrics metrics;
    metrics.add(0, outcomes(10, 1, 5, 2));
    metrics.add(1, outcomes(20, 0, 6, 3));
    metrics.add(0, outcomes(30, 2, 7, 2));
    CHECK(metrics.all.total_records == 63);
    CHECK(metrics.all.processed_records == 60);
    CHECK(metrics.all.valid_results == 18);
    CHECK(metrics.all.none_filtered == 18);
    CHECK(metrics.all.errors == 3);
    CHECK(metrics.all.total_time == 4);
    CHECK(metrics.all.throughput() == 63.0 / 4);
    CHECK(metrics.ranks.at(1).total_records == 20);
    CHECK(stream::Metrics().all.throughput() == 0);
}

TEST_CASE("inputs that gave no row are explained", "[stream][metrics]") {
    auto const notes_of = [](std::int64_t good, std::int64_t rows) {
        stream::Metrics metrics;
        metrics.add(0, outcomes(good, 0, rows, 1));
        return stream::table_of("AVG", metrics).notes;
    };
    REQUIRE(notes_of(4, 0).size() == 1);
    CHECK_THAT(notes_of(4, 0).front(), Contains("no input gave a row"));
    CHECK(notes_of(4, 1).empty());
}

TEST_CASE("a document of one job has its counts as facts", "[stream][metrics]") {
    stream::Metrics metrics;
    metrics.stream = "s";
    metrics.add(2, outcomes(4, 0, 4, 1));
    auto const one = stream::document_of({{"AVG", metrics}});
    REQUIRE(one.facts.size() == 10);
    CHECK(one.facts[2].name == "total_records");
    CHECK(std::get<std::int64_t>(one.facts[2].value) == 4);
    CHECK(one.facts[9].name == "num_actors");
    auto const two = stream::document_of({{"AVG", metrics}, {"KAL", metrics}});
    CHECK(two.facts.empty());
    CHECK(two.tables[0].rows.size() == 2);
    CHECK(two.tables[1].rows.size() == 2);
}

TEST_CASE("a data set says which keys a job over its streams needs", "[stream][metrics]") {
    auto const text_of = [](std::vector<study::Override> const& keys) {
        std::string text;
        for (auto const& key : keys) text += fmt::format("{} = {}\n", key.key, key.text);
        return text;
    };
    CHECK(text_of(stream::keys_of_data_set("grid", *stream::find_job("KAL"))) ==
          "input.sensor = \"meterid\"\ninput.fields = [\"energyconsumed\"]\n");
    CHECK_THAT(text_of(stream::keys_of_data_set("GRID", *stream::find_job("RGF"))),
               Contains("tasks.RGF.ranges = \"energyconsumed:1.828:36.658\""));
    CHECK_THAT(text_of(stream::keys_of_data_set("CITY", *stream::find_job("ETL"))),
               Contains("dataflows.ETL.meta = [\"longitude\", \"latitude\"]"));
    auto const train = text_of(stream::keys_of_data_set("TAXI", *stream::find_job("TRAIN")));
    CHECK_THAT(train, Contains("input.fields = [\"trip_time_in_secs\", \"trip_distance\"]"));
    CHECK_THAT(train, Contains("dataflows.TRAIN.target = \"fare_amount\""));
    CHECK_THAT(train, Contains("dataflows.TRAIN.every = 86400000"));
    CHECK_THROWS_WITH(stream::keys_of_data_set("grd", *stream::find_job("KAL")),
                      Contains("did you mean 'GRID'?"));
}
