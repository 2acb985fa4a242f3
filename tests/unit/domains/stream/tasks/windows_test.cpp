// Tasks with a state for each key: ACC, AVG, INP, KAL, SLR.
#include <cmath>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "domains/stream/tasks/rolling_values.hpp"
#include "oracle.hpp"

using namespace vaster;
using Catch::Contains;
using testing::Job;
using testing::senml_line;

namespace {

/// Values of sensor "a", field "t", at times 1, 2, ...
std::string values(std::vector<std::string> const& texts) {
    std::string lines;
    for (std::size_t i = 0; i < texts.size(); ++i)
        lines += senml_line(static_cast<std::int64_t>(i + 1), "a", {{"t", texts[i]}});
    return lines;
}

std::int64_t whole(int number) {
    return number;
}

Job job_of(std::string const& code, std::vector<std::pair<std::string, Value>> parameters) {
    return {code, "source", {"t"}, std::move(parameters)};
}

}  // namespace

TEST_CASE("averages are of full blocks, the rest is pending or flushed", "[stream][avg]") {
    auto const lines = values({"1", "3", "null", "x", "5"});
    auto yield = testing::yield_of(job_of("AVG", {{"window", whole(2)}}), lines);
    CHECK(yield.output.text() == "1,a,t,2\n");
    CHECK(yield.tally.pending == 1);
    CHECK(yield.tally.missing == 1);
    CHECK(yield.tally.bad == 1);
    CHECK(yield.tally.balanced());
    yield = testing::yield_of(job_of("AVG", {{"window", whole(2)}, {"flush", true}}), lines);
    CHECK(yield.output.text() == "1,a,t,2\n4,a,t,5\n");
}

TEST_CASE("a missing value is the mean of the last present ones", "[stream][inp]") {
    auto const lines = values({"null", "1", "2", "6", "null", "null"});
    auto yield = testing::yield_of(job_of("INP", {{"window", whole(2)}}), lines);
    CHECK(yield.output.text() == "0,a,t,\n1,a,t,1\n2,a,t,2\n3,a,t,6\n4,a,t,4\n5,a,t,4\n");
    CHECK(yield.tally.unfilled == 1);
    CHECK(yield.tally.gave == 6);
    yield = testing::yield_of(job_of("INP", {{"profile", std::string("published")}}), values({"null"}));
    CHECK(yield.output.text() == "0,a,t,0\n");
}

TEST_CASE("values near the end of the doubles make no number that is none", "[stream][avg]") {
    std::vector<std::string> const huge{"1.7e308", "1.7e308", "-1.7e308", "1.7e308", "1", "1", "1", "1"};
    auto const lines = values(huge);
    auto const text = [&](std::string const& code,
                          std::vector<std::pair<std::string, Value>> const& parameters) {
        return std::string(testing::yield_of(job_of(code, parameters), lines).output.text());
    };
    CHECK(text("AVG", {{"window", whole(4)}}) == "3,a,t,8.5e+307\n7,a,t,1\n");
    CHECK(text("AVG", {{"window", whole(2)}}) == "1,a,t,1.7e+308\n3,a,t,0\n5,a,t,1\n7,a,t,1\n");
    // With certain sensors the filter follows what it sees.
    auto const smoothed = text("KAL", {{"process_noise", 1.0}, {"sensor_noise", 1e-300}});
    CHECK_THAT(smoothed,
               Contains("0,a,t,1.7e+308\n") && Contains("2,a,t,-1.7e+308\n") && Catch::EndsWith("7,a,t,1\n"));
    // The line through 1.7e308 and -1.7e308 goes on beyond the doubles; later ones are as ever.
    auto const predicted = text("SLR", {{"train", whole(2)}, {"predict", whole(1)}});
    CHECK(predicted == "2,a,t,\n3,a,t,\n4,a,t,-1.6999999999999997e+308\n5,a,t,1\n6,a,t,1\n7,a,t,1\n");
    auto const filled = testing::yield_of(job_of("INP", {}), values({"1.7e308", "1.7e308", "null"}));
    CHECK_THAT(std::string(filled.output.text()), Contains("2,a,t,1.7e+308\n"));
}

TEST_CASE("a block that is cut where its sum is beyond the doubles goes on", "[stream][avg]") {
    auto const job = job_of("AVG", {{"window", whole(4)}});
    testing::Runner first(job);
    first.take(values({"1.7e308", "1.7e308"}));
    testing::Runner second(job);
    second.load(first.states());
    second.take(values({"1.7e308", "1.7e308"}));
    CHECK(second.yield.output.text() == "1,a,t,1.7e+308\n");
}

TEST_CASE("the Kalman filter waits for a first value and goes on without one", "[stream][kal]") {
    auto const yield = testing::yield_of(
        job_of("KAL", {{"process_noise", 1.0}, {"sensor_noise", 1.0}, {"estimated_error", 1.0}}),
        values({"null", "4", "null", "4"}));
    // p = 2, 3; K = 3/4, x = 3, p = 3/4; p = 7/4; p = 11/4, K = 11/15, x = 3 + 11/15.
    auto const rows = testing::cells_of(yield.output.text());
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] == std::vector<std::string>{"1", "a", "t", "3"});
    CHECK(rows[1][3] == "3");
    CHECK(std::stod(rows[2][3]) == Approx(3 + 11.0 / 15).epsilon(1e-14));
    CHECK(yield.tally.missing == 1);
    CHECK(yield.tally.balanced());
}

TEST_CASE("a straight line goes on as it went", "[stream][slr]") {
    auto const yield = testing::yield_of(job_of("SLR", {{"train", whole(3)}, {"predict", whole(2)}}),
                                         values({"9", "1", "2", "null", "3", "4"}));
    CHECK(yield.output.text() == "4,a,t,4,5\n5,a,t,5,6\n");
    CHECK(yield.tally.none == 3);
    CHECK(yield.tally.balanced());
}

TEST_CASE("a regression is as good after many values as at the start", "[stream][slr]") {
    auto const job = job_of("SLR", {{"train", whole(10)}, {"predict", whole(1)}});
    std::vector<stream::FieldValue> fields(1);
    auto const task = stream::find_task("SLR")->make(testing::setup_of(job));
    stream::Yield yield;
    std::string text;
    // A line with a step of 1e9 long ago: it must have left no trace.
    for (std::uint64_t i = 0; i < 200000; ++i) {
        text = fmt::format("{}", (i < 1000 ? 1e9 : 0.25) + 0.125 * static_cast<double>(i % 4096));
        fields[0] = {stream::Presence::present, text};
        stream::Record record;
        record.number = i;
        record.sensor = "a";
        record.fields = fields;
        yield.output = stream::Output();
        task->take(record, yield);
    }
    auto const rows = testing::cells_of(yield.output.text());
    REQUIRE(rows.size() == 1);
    CHECK(std::stod(rows[0][3]) == Approx(0.25 + 0.125 * static_cast<double>(200000 % 4096)).epsilon(1e-12));
}

TEST_CASE("a window is accumulated in the order of times", "[stream][acc]") {
    auto const lines = senml_line(30, "a", {{"t", "1"}}) + senml_line(10, "b", {{"t", "2"}}) +
                       senml_line(30000000000, "a", {{"t", "3"}}) + senml_line(20, "a", {{"t", "4"}});
    auto yield = testing::yield_of(job_of("ACC", {{"window", whole(3)}}), lines);
    CHECK(yield.output.text() == "3,a,t,20,4\n3,a,t,30,1\n3,a,t,30000000000,3\n");
    CHECK(yield.tally.pending == 1);
    yield = testing::yield_of(job_of("ACC", {{"window", whole(3)}, {"by", std::string("stream")}}), lines);
    CHECK(yield.output.text() == "2,b,t,10,2\n2,a,t,30,1\n2,a,t,30000000000,3\n");
    CHECK(yield.tally.pending == 1);
    CHECK(yield.tally.balanced());
}

TEST_CASE("rolling values keep the last ones in order", "[stream][windows]") {
    stream::RollingValues window;
    for (int i = 1; i <= 5; ++i) window.push(i, 3);
    CHECK(window.size() == 3);
    CHECK(window[0] == 3);
    CHECK(window[2] == 5);
    CHECK(window.mean() == 4);
    stream::StateWriter state;
    window.save(state);
    stream::RollingValues shorter;
    stream::StateReader reader(state.bytes());
    CHECK_THROWS_WITH(shorter.load(reader, 2), Contains("has 3 values, but the window has 2"));
}
