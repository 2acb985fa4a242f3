// When a load is sustained, and the search for the highest one that is.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "domains/stream/load/peak_search.hpp"
#include "fake_load.hpp"

using namespace vaster;
using stream::ArrivalSchedule;
using stream::FakeClock;
using stream::FakeServer;
using stream::LoadTrace;
using stream::LoadTrial;
using stream::LoadVerdict;
using stream::PeakRule;
using stream::SustainedRule;

namespace {

constexpr double seconds = 4;

/// A rate offered to a server that takes so long for a record.
LoadTrace offered(double rate, double service, double stall = 0) {
    FakeClock clock;
    FakeServer server(clock, service);
    if (stall > 0) server.stalls[static_cast<std::uint64_t>(rate)] = stall;
    return stream::offer(ArrivalSchedule::constant(rate, 1 + seconds), {{1, seconds}, 16}, server, clock);
}

LoadTrace with_backlog(double (*backlog)(double time)) {
    LoadTrace trace;
    trace.window = {0, 4};
    for (int i = 1; i <= 40; ++i) {
        double const time = 0.1 * i;
        auto const arrived = static_cast<std::uint64_t>(1000 * time);
        trace.samples.push_back({arrived, arrived - static_cast<std::uint64_t>(backlog(time)), 0});
    }
    trace.latency.add(1e-3, 4000);
    return trace;
}

}  // namespace

TEST_CASE("A load is sustained when what came is done and the backlog does not grow and nobody waits long") {
    SustainedRule const rule;
    CHECK(stream::judge(offered(900, 1e-3), 900, rule) == LoadVerdict::sustained);
    CHECK(stream::judge(offered(1100, 1e-3), 1100, rule) == LoadVerdict::behind);
    // A stall of 0.3 s that is over at the end: 99 % were done, but more than 1 % waited over 0.1 s.
    CHECK(stream::judge(offered(500, 1e-3, 0.3), 500, rule) == LoadVerdict::slow);
    CHECK(stream::judge(offered(500, 1e-3, 0.3), 500, {.latency = 1}) == LoadVerdict::sustained);
    CHECK(stream::judge(with_backlog([](double) { return 3.0; }), 1000, rule) == LoadVerdict::sustained);
    // 4 records of 4000 are not done, but 1.5 come on top each second.
    CHECK(stream::judge(with_backlog([](double time) { return std::max(0.0, 4 * (time - 2) / 2); }), 1000,
                        rule) == LoadVerdict::growing);
    CHECK(stream::judge(with_backlog([](double) { return 5.0; }), 1000, rule) == LoadVerdict::behind);
}

TEST_CASE("The slope of a backlog is that of its second half by least squares") {
    auto const trace = with_backlog([](double time) { return time < 2 ? 500.0 : 100 * (time - 2); });
    CHECK(stream::backlog_slope(trace) == Approx(100).epsilon(0.01));
    CHECK(stream::backlog_slope(LoadTrace()) == 0);
}

TEST_CASE("The search brackets the rate of a server that is known") {
    double const capacity = 12345;
    int n = 0;
    auto const attempt = [&](double rate, std::uint32_t repeat) {
        ++n;
        return LoadTrial{.rate = rate,
                         .repeat = repeat,
                         .verdict = stream::judge(offered(rate, 1 / capacity), rate, SustainedRule())};
    };
    for (double const closed : {capacity, 1.3 * capacity, 7 * capacity}) {
        n = 0;
        PeakRule const rule{.repeats = 2};
        auto const peak = stream::find_peak(closed, rule, attempt);
        CAPTURE(closed, peak.rate, peak.failed_rate);
        CHECK(peak.rate <= capacity * 1.001);
        CHECK(peak.failed_rate >= capacity);
        CHECK(peak.failed_rate / peak.rate <= 1.02);
        CHECK(peak.trials.size() == static_cast<std::size_t>(n));
        CHECK(peak.trials.size() <= stream::most_trials(rule));
        CHECK(peak.trials.front().rate == Approx(0.1 * closed));
    }
}

TEST_CASE("A rate that fails once is not sustained and is not tried again") {
    int tries = 0;
    auto const attempt = [&](double rate, std::uint32_t repeat) {
        bool const fails = rate > 500 && repeat == 1;
        if (rate == Approx(1050)) ++tries;
        return LoadTrial{
            .rate = rate, .repeat = repeat, .verdict = fails ? LoadVerdict::growing : LoadVerdict::sustained};
    };
    auto const peak = stream::find_peak(1000, PeakRule(), attempt);
    CHECK(tries == 2);
    CHECK(peak.rate <= 500);
    CHECK(peak.failed_rate <= 1.02 * peak.rate);
}

TEST_CASE("A search whose ends are on one side says so") {
    auto const always = [](LoadVerdict verdict) {
        return [verdict](double rate, std::uint32_t repeat) {
            return LoadTrial{.rate = rate, .repeat = repeat, .verdict = verdict};
        };
    };
    auto const none = stream::find_peak(1000, PeakRule(), always(LoadVerdict::slow));
    CHECK(none.rate == 0);
    CHECK(none.failed_rate == Approx(100));
    CHECK(none.trials.size() == 1);
    auto const all = stream::find_peak(1000, PeakRule(), always(LoadVerdict::sustained));
    CHECK(all.rate == Approx(1050));
    CHECK(std::isnan(all.failed_rate));
    CHECK(all.trials.size() == 6);
}
