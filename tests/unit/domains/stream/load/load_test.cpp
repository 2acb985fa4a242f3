// Arrivals, histograms, and what an open loop measures, by a clock that tests turn themselves.
#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "domains/stream/load/histogram.hpp"
#include "domains/stream/load/schedule.hpp"
#include "fake_load.hpp"

using namespace vaster;
using stream::ArrivalSchedule;
using stream::FakeClock;
using stream::FakeServer;
using stream::Histogram;
using stream::LoadOptions;

namespace {

/// Durations from below 100 ns to above 1000 s, evenly on a logarithmic scale.
std::vector<double> durations(std::uint64_t seed, int n) {
    Random random(seed);
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) values.push_back(std::pow(10, -7.5 + 11 * random.uniform()));
    return values;
}

Histogram histogram_of(std::vector<double> const& values) {
    Histogram histogram;
    for (auto const value : values) histogram.add(value);
    return histogram;
}

/// By the nearest rank.
double sorted_percentile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1];
}

LoadOptions window(double warm_up, double seconds, std::uint64_t batch = 16) {
    return {{warm_up, seconds}, batch};
}

}  // namespace

TEST_CASE("Buckets are at most a 128th of their lower end wide and meet without gaps") {
    for (std::size_t i = 1; i + 1 < Histogram::n_counts; ++i) {
        double const begin = Histogram::begin_of(i);
        double const end = Histogram::begin_of(i + 1);
        REQUIRE(end - begin <= begin / 128 * (1 + 1e-12));
        REQUIRE(Histogram::place_of((begin + end) / 2) == i);
    }
    CHECK(Histogram::begin_of(1) == Approx(1e-7));
    CHECK(Histogram::place_of(0) == 0);
    CHECK(Histogram::place_of(0.99e-7) == 0);
    CHECK(Histogram::place_of(1.001e-7) == 1);
    CHECK(Histogram::place_of(999.95) == Histogram::n_counts - 2);
    CHECK(Histogram::place_of(1000) == Histogram::n_counts - 1);
    CHECK(Histogram::place_of(1e9) == Histogram::n_counts - 1);
}

TEST_CASE("A percentile of a histogram is within a 128th of that of the sorted durations") {
    auto const values = durations(7, 20011);
    auto const histogram = histogram_of(values);
    CHECK(histogram.total() == values.size());
    for (double const share : {0.05, 0.25, 0.5, 0.75, 0.9, 0.95}) {
        double const exact = sorted_percentile(values, share);
        CAPTURE(share, exact);
        CHECK(std::abs(histogram.percentile(share) - exact) <= exact / 128);
    }
    CHECK(histogram.percentile(0.001) == Histogram::shortest);
    CHECK(histogram.percentile(1) == *std::max_element(values.begin(), values.end()));
    CHECK(std::isnan(Histogram().percentile(0.5)));
}

TEST_CASE("Histograms of parts that are added up are the histogram of the whole") {
    auto const values = durations(8, 3000);
    Histogram sum;
    for (int part = 0; part < 3; ++part)
        sum.merge(histogram_of({values.begin() + 1000 * part, values.begin() + 1000 * (part + 1)}));
    auto const whole = histogram_of(values);
    CHECK(std::equal(sum.counts().begin(), sum.counts().end(), whole.counts().begin()));
    CHECK(sum.largest() == whole.largest());
    CHECK(sum.percentile(0.99) == whole.percentile(0.99));
    Histogram const kept({whole.counts().begin(), whole.counts().end()}, whole.largest());
    CHECK(kept.percentile(0.99) == whole.percentile(0.99));
}

TEST_CASE("Constant arrivals are at i over the rate and none comes at the end") {
    auto const schedule = ArrivalSchedule::constant(1000, 0.5);
    CHECK(schedule.size() == 500);
    CHECK(schedule.at(0) == 0);
    CHECK(schedule.at(123) == Approx(0.123));
    for (double const at : {0.0, 0.0005, 0.001, 0.1, 0.25, 0.4999}) {
        std::uint64_t n = 0;
        while (n < schedule.size() && schedule.at(n) <= at) ++n;
        CHECK(schedule.arrived_by(at) == n);
    }
    CHECK(ArrivalSchedule::constant(2000, 0.05 + 0.1).size() == 300);  // 0.15 and a rounding error
    CHECK(schedule.arrived_by(-1) == 0);
    CHECK(schedule.arrived_by(10) == 500);
}

TEST_CASE("Poisson arrivals repeat for a seed and their gaps are exponential") {
    double const rate = 2000;
    auto const schedule = ArrivalSchedule::poisson(rate, 20, Random(5));
    auto const again = ArrivalSchedule::poisson(rate, 20, Random(5));
    auto const other = ArrivalSchedule::poisson(rate, 20, Random(6));
    REQUIRE(schedule.size() == again.size());
    CHECK(schedule.at(schedule.size() - 1) == again.at(again.size() - 1));
    CHECK(schedule.at(0) != other.at(0));
    // 40,000 expected: a standard deviation is 200.
    CHECK(std::abs(static_cast<double>(schedule.size()) - 40000) < 1000);
    // The variance of an exponential gap is the square of its mean.
    double sum = 0;
    double squares = 0;
    for (std::uint64_t i = 1; i < schedule.size(); ++i) {
        double const gap = schedule.at(i) - schedule.at(i - 1);
        sum += gap;
        squares += gap * gap;
    }
    auto const n = static_cast<double>(schedule.size() - 1);
    CHECK(squares / n / (sum / n) / (sum / n) == Approx(2).epsilon(0.05));
    CHECK(schedule.arrived_by(schedule.at(100)) == 101);
}

TEST_CASE("Arrivals by the data's own times never go back and begin again with each pass") {
    auto const schedule = ArrivalSchedule::repeated({0, 0.3, 0.2, 0.9}, 1, 2.3);
    std::vector<double> times;
    for (std::uint64_t i = 0; i < schedule.size(); ++i) times.push_back(schedule.at(i));
    CHECK(times == std::vector<double>{0, 0.3, 0.3, 0.9, 1, 1.3, 1.3, 1.9, 2});
    CHECK(ArrivalSchedule::repeated({0, 0.5}, 0, 100).size() == 2);
    CHECK(ArrivalSchedule::repeated({}, 1, 100).size() == 0);
}

TEST_CASE("A worker that keeps up takes each record when it comes") {
    FakeClock clock;
    FakeServer server(clock, 1e-3);
    auto const trace = stream::offer(ArrivalSchedule::constant(100, 2), window(0.5, 1.5), server, clock);
    CHECK(trace.offered == 200);
    CHECK(trace.left_out == 50);
    CHECK(trace.latency.total() == 150);
    CHECK(trace.latency.largest() == Approx(1e-3));
    CHECK(trace.service.largest() == Approx(1e-3));
    CHECK(trace.late_starts == 0);
    CHECK(trace.backlog_end() <= 1);
    CHECK(trace.drain_seconds == 0);
    CHECK(trace.achieved_rate() == Approx(100));
    CHECK(trace.busy_seconds == Approx(0.2));
    REQUIRE(trace.samples.size() == 20);
    CHECK(trace.samples[9].arrived == 101);
    for (auto const jitter : trace.jitter()) CHECK(std::abs(jitter) < 0.02);
}

TEST_CASE("A stall shows as the wait of the whole queue behind it") {
    FakeClock clock;
    FakeServer server(clock, 1e-4);
    server.stalls[2000] = 0.5;
    auto const trace = stream::offer(ArrivalSchedule::constant(1000, 10), window(1, 9), server, clock);
    // It begins at 2 s. Record j behind it arrives at 2 + j / 1000 s and waits for j others at 0.1 ms each:
    // it is done at 2.5 + (j + 1) 1e-4, after 0.5 - j 9e-4 s, so 555 records wait until the queue is gone.
    CHECK(trace.latency.largest() == Approx(0.5).epsilon(0.01));
    double const p99 = 0.5 - 90 * 9e-4;  // the 90 of 9000 that waited longest
    CHECK(trace.latency.percentile(0.99) == Approx(p99).epsilon(0.02));
    std::uint64_t waited = 0;
    for (std::size_t i = Histogram::place_of(2e-3); i < Histogram::n_counts; ++i)
        waited += trace.latency.counts()[i];
    CHECK(waited > 540);
    CHECK(waited < 570);
    // A loop that begins each record when the one before is done would see one slow record of 9000: so does
    // service.
    CHECK(trace.service.percentile(0.99) < 2e-3);
    // 500 records lie there when it ends.
    CHECK(trace.samples[23].backlog() == Approx(401).margin(2));
    CHECK(trace.samples[39].backlog() <= 1);
}

TEST_CASE("Who is offered more than it can do falls behind and every record still counts") {
    FakeClock clock;
    FakeServer server(clock, 1e-3);
    auto const trace = stream::offer(ArrivalSchedule::constant(2000, 4), window(1, 3), server, clock);
    CHECK(trace.offered == 8000);
    CHECK(trace.latency.total() == 6000);
    CHECK(trace.backlog_end() == Approx(4000).margin(20));
    CHECK(trace.drain_seconds == Approx(4).epsilon(0.01));
    CHECK(trace.achieved_rate() == Approx(1000).epsilon(0.01));
    CHECK(trace.latency.largest() == Approx(4).epsilon(0.01));
    CHECK(trace.latency.percentile(0.01) > 0.9);
}

TEST_CASE("Records of a batch end together and a batch has only what has arrived") {
    FakeClock clock;
    FakeServer server(clock, 1e-3);
    auto const trace =
        stream::offer(ArrivalSchedule::repeated({0, 0, 0, 0.5}, 0, 1), window(0, 1, 2), server, clock);
    CHECK(trace.service.largest() == Approx(2e-3));  // a batch of two
    CHECK(trace.latency.largest() == Approx(3e-3));  // the third of the first three
    CHECK(trace.service.percentile(0.5) == Approx(1e-3).epsilon(0.01));
}

TEST_CASE("A sleeper that wakes up late says so and its records waited") {
    FakeClock clock;
    clock.oversleep = 2e-4;
    FakeServer server(clock, 1e-5);
    auto const trace = stream::offer(ArrivalSchedule::constant(100, 1), window(0, 1), server, clock);
    CHECK(trace.late_starts == 99);  // all but the first, which is there when it begins
    CHECK(trace.latency.percentile(0.5) == Approx(2.1e-4).epsilon(0.01));
}

TEST_CASE("Traces of workers are added up and no record is offered when there is none") {
    auto const run = [](double seconds) {
        FakeClock clock;
        FakeServer server(clock, seconds);
        return stream::offer(ArrivalSchedule::constant(100, 2), window(0, 2), server, clock);
    };
    auto both = run(1e-3);
    both.merge(run(5e-3));
    CHECK(both.workers == 2);
    CHECK(both.offered == 400);
    CHECK(both.latency.total() == 400);
    CHECK(both.latency.percentile(0.25) == Approx(1e-3).epsilon(0.01));
    CHECK(both.latency.percentile(0.75) == Approx(5e-3).epsilon(0.01));
    CHECK(both.samples[9].arrived == 202);
    FakeClock clock;
    FakeServer server(clock, 1);
    auto const none = stream::offer(ArrivalSchedule::repeated({}, 0, 1), window(0, 1), server, clock);
    CHECK(none.latency.total() == 0);
    CHECK(none.samples.size() == 10);
    CHECK(none.achieved_rate() == 0);
    CHECK(none.jitter().empty());
}

TEST_CASE("Jitter is how far the rows of a second are from what its arrivals should give") {
    FakeClock clock;
    FakeServer server(clock, 1e-4);
    server.rows_a_record = 3;
    server.stalls[1500] = 0.8;  // from 1.5 to 2.3 s: of the second second half of the rows are missing
    auto const trace = stream::offer(ArrivalSchedule::constant(1000, 4), window(0, 4), server, clock);
    auto const jitter = trace.jitter();
    REQUIRE(jitter.size() == 4);
    CHECK(jitter[0] == Approx(0).margin(0.01));
    CHECK(jitter[1] == Approx(-0.5).margin(0.02));
    CHECK(jitter[2] == Approx(0.5).margin(0.02));
}
