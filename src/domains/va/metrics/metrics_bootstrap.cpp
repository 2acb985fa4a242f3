#include <algorithm>

#include "base/stats/bootstrap.hpp"
#include "base/stats/quantile.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/metrics/metrics_counts.hpp"

namespace vaster::va {
namespace {

/// The metrics of one resample.
IntervalMetrics<double> measure(CauseCounts const& counts, double top3_accuracy) {
    double const csmf = csmf_accuracy(counts);
    return {csmf,
            csmf_accuracy_union(counts),
            chance_corrected(csmf),
            cod_accuracy(counts),
            top3_accuracy,
            mean_ccc(counts)};
}

void append(Resamples& resamples, IntervalMetrics<double> const& values) {
    resamples.csmf_accuracy.push_back(values.csmf_accuracy);
    resamples.csmf_accuracy_union.push_back(values.csmf_accuracy_union);
    resamples.cccsmf_accuracy.push_back(values.cccsmf_accuracy);
    resamples.cod_accuracy.push_back(values.cod_accuracy);
    resamples.top3_accuracy.push_back(values.top3_accuracy);
    resamples.mean_ccc.push_back(values.mean_ccc);
}

}  // namespace

Resamples bootstrap(Assignments const& assignments, std::size_t n_resamples, Random random) {
    bool const has_ranks = assignments.source == Source::probabilities;
    std::vector<std::uint32_t> indices(assignments.deaths.size());
    CauseCounts counts(assignments.n_causes);
    Resamples resamples;
    for (std::size_t r = 0; r < n_resamples; ++r) {
        stats::resample(random, indices);
        counts.clear();
        double top3 = 0;
        for (std::uint32_t const i : indices) {
            double const weight = assignments.weight(i);
            counts.add(assignments.deaths[i], weight);
            top3 += assignments.deaths[i].truth_rank < 3 ? weight : 0;
        }
        append(resamples, measure(counts, has_ranks ? ratio(top3, counts.total) : missing));
    }
    return resamples;
}

Intervals bootstrap_intervals(Assignments const& assignments, std::size_t n_resamples, Random random) {
    Resamples resamples = bootstrap(assignments, n_resamples, random);
    return {stats::percentile_interval(resamples.csmf_accuracy),
            stats::percentile_interval(resamples.csmf_accuracy_union),
            stats::percentile_interval(resamples.cccsmf_accuracy),
            stats::percentile_interval(resamples.cod_accuracy),
            stats::percentile_interval(resamples.top3_accuracy),
            stats::percentile_interval(resamples.mean_ccc)};
}

}  // namespace vaster::va
