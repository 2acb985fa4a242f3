#include "domains/stream/load/sustained.hpp"

#include <algorithm>

namespace vaster::stream {

std::vector<std::string> const& verdict_names() {
    static std::vector<std::string> const names{"sustained", "behind", "growing", "slow"};
    return names;
}

std::string_view name_of(LoadVerdict verdict) {
    return verdict_names()[static_cast<std::size_t>(verdict)];
}

double backlog_slope(LoadTrace const& trace) {
    auto const n_warm = n_samples_of({trace.window.warm_up, 0});
    auto const first = n_warm + (trace.samples.size() - n_warm) / 2;
    auto const n = static_cast<double>(trace.samples.size() - first);
    if (n < 2) return 0;
    double mean_backlog = 0;
    for (auto i = first; i < trace.samples.size(); ++i) mean_backlog += trace.samples[i].backlog() / n;
    double const mean_time = sample_seconds * (n - 1) / 2;
    double covariance = 0;
    double variance = 0;
    for (auto i = first; i < trace.samples.size(); ++i) {
        double const time = sample_seconds * static_cast<double>(i - first) - mean_time;
        covariance += time * (trace.samples[i].backlog() - mean_backlog);
        variance += time * time;
    }
    return covariance / variance;
}

LoadVerdict judge(LoadTrace const& trace, double rate, SustainedRule const& rule) {
    if (trace.samples.empty()) return LoadVerdict::sustained;
    auto const arrived = static_cast<double>(trace.samples.back().arrived - trace.at_warm_up().arrived);
    // Each worker may have a record in its hands at any moment.
    auto const in_hand = static_cast<double>(trace.workers);
    // What is not done at the end came last, after the warm-up.
    if (trace.backlog_end() > std::max((1 - rule.least_done) * arrived, in_hand)) return LoadVerdict::behind;
    double const half = trace.window.seconds / 2;
    if (backlog_slope(trace) * half > std::max(rule.most_growth * rate * half, in_hand))
        return LoadVerdict::growing;
    if (trace.latency.percentile(0.99) > rule.latency) return LoadVerdict::slow;
    return LoadVerdict::sustained;
}

}  // namespace vaster::stream
