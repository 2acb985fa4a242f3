#include "domains/va/metrics/metrics_counts.hpp"

#include <algorithm>
#include <cmath>

namespace vaster::va {
namespace {

/// What both variants of CSMF accuracy need, in weights of deaths.
struct Distance {
    double absolute = 0;                                        ///< sum_c |T_c - P_c|
    double smallest = std::numeric_limits<double>::infinity();  ///< least T_c > 0
    bool has_absent_cause = false;                              ///< predicted, but not in the truth
};

Distance distance(CauseCounts const& counts) {
    Distance distance;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        double const t = counts.truth[c];
        double const p = counts.predicted[c];
        distance.absolute += std::abs(t - p);
        if (t > 0) distance.smallest = std::min(distance.smallest, t);
        distance.has_absent_cause |= t == 0 && p > 0;
    }
    return distance;
}

/// 1 - (absolute / total) / (2 (1 - smallest / total)), clipped at 0. Sums of the same weights are made in
/// the same order, so that they are equal to the bit.
double accuracy(double absolute, double smallest, double total) {
    if (total == 0) return missing;
    if (smallest == total) return absolute == 0 ? 1 : 0;
    return std::max(0.0, 1 - absolute / (2 * (total - smallest)));
}

}  // namespace

void CauseCounts::clear() {
    std::fill(truth.begin(), truth.end(), 0.0);
    std::fill(predicted.begin(), predicted.end(), 0.0);
    std::fill(correct.begin(), correct.end(), 0.0);
    right = 0;
    total = 0;
}

double cod_accuracy(CauseCounts const& counts) {
    return ratio(counts.right, counts.total);
}

double csmf_accuracy(CauseCounts const& counts) {
    auto const [absolute, smallest, has_absent_cause] = distance(counts);
    return accuracy(absolute, smallest, counts.total);
}

double csmf_accuracy_union(CauseCounts const& counts) {
    auto const [absolute, smallest, has_absent_cause] = distance(counts);
    return accuracy(absolute, has_absent_cause ? 0 : smallest, counts.total);
}

double mean_ccc(CauseCounts const& counts) {
    double sum = 0;
    double n_present = 0;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        if (counts.truth[c] == 0) continue;
        sum += counts.correct[c] / counts.truth[c];
        n_present += 1;
    }
    return concordance(ratio(sum, n_present), counts.n_causes());  // linear: of the mean as of each
}

double concordance(double sensitivity, std::size_t n_causes) {
    double const chance = 1 / static_cast<double>(n_causes);
    return ratio(sensitivity - chance, 1 - chance);
}

double top_accuracy(Assignments const& assignments, std::uint32_t k) {
    if (assignments.source == Source::top_causes) return missing;
    double hits = 0;
    double total = 0;
    for (std::size_t i = 0; i < assignments.deaths.size(); ++i) {
        double const weight = assignments.weight(i);
        hits += assignments.deaths[i].truth_rank < k ? weight : 0;
        total += weight;
    }
    return ratio(hits, total);
}

}  // namespace vaster::va
