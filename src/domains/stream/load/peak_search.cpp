#include "domains/stream/load/peak_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vaster::stream {

LoadTrial trial_of(LoadTrace const& trace, double rate, std::uint32_t repeat, SustainedRule const& rule) {
    LoadTrial trial;
    trial.rate = rate;
    trial.repeat = repeat;
    trial.verdict = judge(trace, rate, rule);
    trial.slope = backlog_slope(trace);
    trial.p50 = trace.latency.percentile(0.5);
    trial.p99 = trace.latency.percentile(0.99);
    trial.largest = trace.latency.largest();
    trial.backlog_end = trace.backlog_end();
    trial.offered = trace.offered;
    trial.left_out = trace.left_out;
    trial.late_starts = trace.late_starts;
    return trial;
}

std::size_t most_trials(PeakRule const& rule) {
    double const halvings = std::log2(std::log(rule.most / rule.least) / std::log(rule.ratio));
    // One more, for rounding.
    return rule.repeats * (3 + static_cast<std::size_t>(std::ceil(std::max(0.0, halvings))));
}

Peak find_peak(double closed_rate, PeakRule const& rule,
               std::function<LoadTrial(double rate, std::uint32_t repeat)> const& attempt) {
    Peak peak;
    peak.failed_rate = std::numeric_limits<double>::quiet_NaN();
    auto const is_sustained = [&](double rate) {
        for (std::uint32_t repeat = 0; repeat < rule.repeats; ++repeat) {
            peak.trials.push_back(attempt(rate, repeat));
            if (peak.trials.back().verdict != LoadVerdict::sustained) {
                peak.failed_rate = rate;
                return false;
            }
        }
        peak.rate = rate;
        return true;
    };
    if (!is_sustained(rule.least * closed_rate)) return peak;
    if (is_sustained(rule.most * closed_rate)) return peak;
    while (peak.failed_rate / peak.rate > rule.ratio)
        (void)is_sustained(std::sqrt(peak.rate * peak.failed_rate));
    return peak;
}

}  // namespace vaster::stream
