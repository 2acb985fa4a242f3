#include "domains/va/metrics/metrics_counts.hpp"

#include <algorithm>
#include <numeric>

namespace vaster::va {
namespace {

/// What both variants of CSMF accuracy need, in deaths.
struct Distance {
    std::uint32_t absolute = 0;                                          ///< sum_c |T_c - P_c|
    std::uint32_t smallest = std::numeric_limits<std::uint32_t>::max();  ///< least T_c > 0
    bool has_absent_cause = false;                                       ///< predicted, but not in the truth
};

Distance distance(CauseCounts const& counts) {
    Distance distance;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        std::uint32_t const t = counts.truth[c];
        std::uint32_t const p = counts.predicted[c];
        distance.absolute += t > p ? t - p : p - t;
        if (t > 0) distance.smallest = std::min(distance.smallest, t);
        distance.has_absent_cause |= t == 0 && p > 0;
    }
    return distance;
}

/// 1 - (absolute / n) / (2 (1 - smallest / n)), clipped at 0.
double accuracy(std::uint32_t absolute, std::uint32_t smallest, std::size_t n) {
    if (n == 0) return missing;
    if (smallest == n) return absolute == 0 ? 1 : 0;
    return std::max(0.0, 1 - static_cast<double>(absolute) / (2 * static_cast<double>(n - smallest)));
}

}  // namespace

void CauseCounts::clear() {
    std::fill(truth.begin(), truth.end(), 0U);
    std::fill(predicted.begin(), predicted.end(), 0U);
    std::fill(correct.begin(), correct.end(), 0U);
    n_deaths = 0;
}

double cod_accuracy(CauseCounts const& counts) {
    auto const correct = std::accumulate(counts.correct.begin(), counts.correct.end(), 0U);
    return ratio(correct, static_cast<double>(counts.n_deaths));
}

double csmf_accuracy(CauseCounts const& counts) {
    auto const [absolute, smallest, has_absent_cause] = distance(counts);
    return accuracy(absolute, smallest, counts.n_deaths);
}

double csmf_accuracy_union(CauseCounts const& counts) {
    auto const [absolute, smallest, has_absent_cause] = distance(counts);
    return accuracy(absolute, has_absent_cause ? 0 : smallest, counts.n_deaths);
}

double mean_ccc(CauseCounts const& counts) {
    double sum = 0;
    double n_present = 0;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        if (counts.truth[c] == 0) continue;
        sum += static_cast<double>(counts.correct[c]) / counts.truth[c];
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
    auto const hits = std::count_if(assignments.deaths.begin(), assignments.deaths.end(),
                                    [&](Assignment const& death) { return death.truth_rank < k; });
    return ratio(static_cast<double>(hits), static_cast<double>(assignments.deaths.size()));
}

}  // namespace vaster::va
