#include <algorithm>

#include "base/stats/bootstrap.hpp"
#include "base/stats/quantile.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/metrics/metrics_counts.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

/// Sums over a resample of the probabilities of its deaths, by cause.
class ProbabilitySums {
  public:
    ProbabilitySums(std::span<double const> probability, std::size_t n_causes)
        : probability_(probability), sums_(n_causes), truth_(n_causes) {}

    void clear() { std::ranges::fill(sums_, 0.0); }

    void add(std::uint32_t death, double weight) {
        if (probability_.empty()) return;
        double const* const row = probability_.data() + death * sums_.size();
        for (std::size_t c = 0; c < sums_.size(); ++c) sums_[c] += weight * row[c];
    }

    /// CSMF accuracy of the mean of the probabilities.
    [[nodiscard]] double csmf_accuracy(CauseCounts const& counts) {
        if (probability_.empty()) return missing;
        for (std::size_t c = 0; c < sums_.size(); ++c) {
            sums_[c] = ratio(sums_[c], counts.total);
            truth_[c] = ratio(counts.truth[c], counts.total);
        }
        return va::csmf_accuracy(truth_, sums_);
    }

  private:
    std::span<double const> probability_;
    std::vector<double> sums_;
    std::vector<double> truth_;
};

/// The metrics of one resample that follow from its counts.
IntervalMetrics<double> measure(CauseCounts const& counts) {
    IntervalMetrics<double> metrics;
    metrics.csmf_accuracy = csmf_accuracy(counts);
    metrics.csmf_accuracy_union = csmf_accuracy_union(counts);
    metrics.cccsmf_accuracy = chance_corrected(metrics.csmf_accuracy);
    metrics.cod_accuracy = cod_accuracy(counts);
    metrics.mean_ccc = mean_ccc(counts);
    return metrics;
}

void append(Resamples& resamples, IntervalMetrics<double> const& values) {
    resamples.csmf_accuracy.push_back(values.csmf_accuracy);
    resamples.csmf_accuracy_union.push_back(values.csmf_accuracy_union);
    resamples.csmf_accuracy_probabilities.push_back(values.csmf_accuracy_probabilities);
    resamples.cccsmf_accuracy.push_back(values.cccsmf_accuracy);
    resamples.cod_accuracy.push_back(values.cod_accuracy);
    resamples.top3_accuracy.push_back(values.top3_accuracy);
    resamples.mean_ccc.push_back(values.mean_ccc);
}

}  // namespace

Resamples bootstrap(Assignments const& assignments, std::size_t n_resamples, Random random,
                    std::span<double const> probability) {
    VASTER_EXPECTS(probability.empty() ||
                   probability.size() == assignments.deaths.size() * assignments.n_causes);
    bool const has_ranks = assignments.source == Source::probabilities;
    std::vector<std::uint32_t> indices(assignments.deaths.size());
    CauseCounts counts(assignments.n_causes);
    ProbabilitySums sums(probability, assignments.n_causes);
    Resamples resamples;
    for (std::size_t r = 0; r < n_resamples; ++r) {
        stats::resample(random, indices);
        counts.clear();
        sums.clear();
        double top3 = 0;
        for (std::uint32_t const i : indices) {
            double const weight = assignments.weight(i);
            counts.add(assignments.deaths[i], weight);
            sums.add(i, weight);
            top3 += assignments.deaths[i].truth_rank < 3 ? weight : 0;
        }
        auto metrics = measure(counts);
        metrics.top3_accuracy = has_ranks ? ratio(top3, counts.total) : missing;
        metrics.csmf_accuracy_probabilities = sums.csmf_accuracy(counts);
        append(resamples, metrics);
    }
    return resamples;
}

Intervals bootstrap_intervals(Assignments const& assignments, std::size_t n_resamples, Random random,
                              std::span<double const> probability) {
    Resamples resamples = bootstrap(assignments, n_resamples, random, probability);
    Intervals intervals;
    intervals.csmf_accuracy = stats::percentile_interval(resamples.csmf_accuracy);
    intervals.csmf_accuracy_union = stats::percentile_interval(resamples.csmf_accuracy_union);
    intervals.csmf_accuracy_probabilities = stats::percentile_interval(resamples.csmf_accuracy_probabilities);
    intervals.cccsmf_accuracy = stats::percentile_interval(resamples.cccsmf_accuracy);
    intervals.cod_accuracy = stats::percentile_interval(resamples.cod_accuracy);
    intervals.top3_accuracy = stats::percentile_interval(resamples.top3_accuracy);
    intervals.mean_ccc = stats::percentile_interval(resamples.mean_ccc);
    return intervals;
}

}  // namespace vaster::va
