#include "domains/va/report/comparison_ranges.hpp"

#include <cmath>
#include <numbers>

namespace vaster::va {

namespace {

void bound(stats::MeanTest& test, stats::Range const& range) {
    if (test.n < 2) return;
    test.interval =
        stats::bounded_t_interval(test.mean, test.standard_error, static_cast<double>(test.n) - 1, range);
}

void bound_mean(Estimate& estimate, stats::Range const& range) {
    bound(estimate.over_sites, range);
    bound(estimate.over_repeats, range);
    estimate.over_deaths = stats::within(estimate.over_deaths, range);
}

void bound_difference(Estimate& estimate, stats::Range const& range) {
    for (auto* interval :
         {&estimate.over_sites.interval, &estimate.over_repeats.interval, &estimate.over_deaths})
        *interval = stats::within(*interval, range);
}

}  // namespace

stats::Range range_of_metric(std::string_view metric) {
    auto const is = [&](std::string_view name) {
        return metric.starts_with(name) && (metric.size() == name.size() || metric[name.size()] == '_');
    };
    if (is("cccsmf_accuracy")) return {1 - std::numbers::e, 1};
    for (std::string_view const name : {"csmf_accuracy", "cod_accuracy", "top3_accuracy", "top5_accuracy"})
        if (is(name)) return {0, 1};
    if (is("mean_ccc")) return {-1, 1};
    if (is("brier")) return {0, 2};
    if (is("log_loss") || metric.ends_with("_seconds")) return {.lo = 0};
    return {};
}

void bound_intervals(ModelComparison& comparison) {
    for (auto& row : comparison.means) bound_mean(row.estimate, range_of_metric(row.metric));
    auto const of_differences = [](std::string_view metric) {
        auto const range = range_of_metric(metric);
        return stats::Range{range.lo - range.hi, range.hi - range.lo};
    };
    for (auto& row : comparison.differences) bound_difference(row.estimate, of_differences(row.metric));
    for (auto& row : comparison.gaps)
        row.gap.interval = stats::within(row.gap.interval, of_differences(row.metric));
}

}  // namespace vaster::va
