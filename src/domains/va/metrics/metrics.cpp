#include "domains/va/metrics/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "domains/va/metrics/metrics_counts.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// Deaths of every cause: row sums, column sums and diagonal of the confusion matrix.
CauseCounts count_causes(Assignments const& assignments) {
    CauseCounts counts(assignments.n_causes);
    for (Assignment const& death : assignments.deaths) counts.add(death);
    return counts;
}

std::vector<double> fractions(std::vector<std::uint32_t> const& counts, std::size_t n) {
    std::vector<double> out;
    out.reserve(counts.size());
    for (std::uint32_t const count : counts) out.push_back(ratio(count, static_cast<double>(n)));
    return out;
}

CauseScores score_causes(CauseCounts const& counts) {
    auto const n = static_cast<double>(counts.n_deaths);
    CauseScores scores;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        double const tp = counts.correct[c];
        double const fn = counts.truth[c] - tp;
        double const fp = counts.predicted[c] - tp;
        double const tn = n - tp - fn - fp;
        scores.sensitivity.push_back(ratio(tp, tp + fn));
        scores.specificity.push_back(ratio(tn, tn + fp));
        scores.precision.push_back(ratio(tp, tp + fp));
        scores.f1.push_back(ratio(2 * tp, 2 * tp + fp + fn));
        scores.ccc.push_back(concordance(scores.sensitivity.back(), counts.n_causes()));
    }
    return scores;
}

/// Everything that follows from the assignments; what needs probabilities stays NaN.
Scores score_assignments(Assignments const& assignments, std::span<double const> own_csmf) {
    CauseCounts const counts = count_causes(assignments);
    Scores scores;
    scores.n_deaths = assignments.deaths.size();
    scores.n_causes = assignments.n_causes;
    scores.cod_accuracy = cod_accuracy(counts);
    scores.top3_accuracy = top_accuracy(assignments, 3);
    scores.top5_accuracy = top_accuracy(assignments, 5);
    scores.csmf_accuracy = csmf_accuracy(counts);
    scores.csmf_accuracy_union = csmf_accuracy_union(counts);
    scores.cccsmf_accuracy = chance_corrected(scores.csmf_accuracy);
    scores.mean_ccc = mean_ccc(counts);
    scores.csmf_accuracy_probabilities = missing;
    scores.log_loss = missing;
    scores.brier = missing;
    scores.causes = score_causes(counts);
    scores.confusion.assign(scores.n_causes * scores.n_causes, 0);
    for (Assignment const& death : assignments.deaths)
        ++scores.confusion[death.truth * scores.n_causes + death.predicted];
    scores.csmf_true = fractions(counts.truth, scores.n_deaths);
    scores.csmf_pred = fractions(counts.predicted, scores.n_deaths);
    scores.csmf_own.assign(own_csmf.begin(), own_csmf.end());
    scores.csmf_accuracy_posterior = own_csmf.empty() ? missing : csmf_accuracy(scores.csmf_true, own_csmf);
    return scores;
}

/// @throws ModelError unless the row is a distribution
void check_distribution(std::span<double const> row, std::size_t death) {
    double sum = 0;
    for (double const p : row) {
        require<ModelError>(std::isfinite(p) && p >= 0, "the model gave test death {} the probability {}",
                            death, p);
        sum += p;
    }
    require<ModelError>(std::abs(sum - 1) <= 1e-5,
                        "the model's probabilities for test death {} sum to {}, not 1", death, sum);
}

/// Does cause a come before cause b?
bool more_probable(std::span<double const> row, std::uint32_t a, std::uint32_t b) {
    return row[a] > row[b] || (row[a] == row[b] && a < b);
}

Assignment assign_one(std::uint32_t truth, std::span<double const> row) {
    auto const top = static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    Assignment assignment{truth, top, 0};
    for (std::uint32_t c = 0; c < row.size(); ++c)
        if (more_probable(row, c, truth)) ++assignment.truth_rank;
    return assignment;
}

std::vector<double> mean_of_rows(std::span<double const> probability, std::size_t n_causes) {
    std::vector<double> mean(n_causes, 0.0);
    for (std::size_t i = 0; i < probability.size(); ++i) mean[i % n_causes] += probability[i];
    std::size_t const n_deaths = probability.size() / n_causes;
    for (double& value : mean) value = ratio(value, static_cast<double>(n_deaths));
    return mean;
}

double log_loss(std::span<std::uint32_t const> truth, std::span<double const> probability,
                std::size_t n_causes) {
    constexpr double floor = 1e-15;
    double sum = 0;
    for (std::size_t i = 0; i < truth.size(); ++i)
        sum -= std::log(std::max(probability[i * n_causes + truth[i]], floor));
    return ratio(sum, static_cast<double>(truth.size()));
}

double brier(std::span<std::uint32_t const> truth, std::span<double const> probability,
             std::size_t n_causes) {
    double sum = 0;
    for (std::size_t i = 0; i < truth.size(); ++i)
        for (std::size_t c = 0; c < n_causes; ++c) {
            double const error = probability[i * n_causes + c] - (c == truth[i] ? 1 : 0);
            sum += error * error;
        }
    return ratio(sum, static_cast<double>(truth.size()));
}

}  // namespace

Assignments assign(std::span<std::uint32_t const> truth, std::span<double const> probability,
                   std::size_t n_causes) {
    VASTER_EXPECTS(n_causes > 0 && probability.size() == truth.size() * n_causes);
    Assignments assignments{{}, n_causes, Source::probabilities};
    assignments.deaths.reserve(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        VASTER_EXPECTS(truth[i] < n_causes);
        auto const row = probability.subspan(i * n_causes, n_causes);
        check_distribution(row, i);
        assignments.deaths.push_back(assign_one(truth[i], row));
    }
    return assignments;
}

Assignments assign_top(std::span<std::uint32_t const> truth, std::span<std::uint32_t const> predicted,
                       std::size_t n_causes) {
    VASTER_EXPECTS(n_causes > 0 && predicted.size() == truth.size());
    Assignments assignments{{}, n_causes, Source::top_causes};
    assignments.deaths.reserve(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        VASTER_EXPECTS(truth[i] < n_causes && predicted[i] < n_causes);
        assignments.deaths.push_back(
            {truth[i], predicted[i], truth[i] == predicted[i] ? 0 : Assignment::unknown_rank});
    }
    return assignments;
}

std::vector<std::uint32_t> most_probable(std::span<double const> probability, std::size_t k) {
    std::vector<std::uint32_t> causes(probability.size());
    std::iota(causes.begin(), causes.end(), 0U);
    k = std::min(k, causes.size());
    std::partial_sort(causes.begin(), causes.begin() + static_cast<std::ptrdiff_t>(k), causes.end(),
                      [&](std::uint32_t a, std::uint32_t b) { return more_probable(probability, a, b); });
    causes.resize(k);
    return causes;
}

Scores score(std::span<std::uint32_t const> truth, std::span<double const> probability, std::size_t n_causes,
             std::span<double const> own_csmf) {
    VASTER_EXPECTS(own_csmf.empty() || own_csmf.size() == n_causes);
    Assignments const assignments = assign(truth, probability, n_causes);
    std::vector<double> const mean = mean_of_rows(probability, n_causes);
    Scores scores = score_assignments(assignments, own_csmf.empty() ? mean : own_csmf);
    scores.csmf_accuracy_probabilities = csmf_accuracy(scores.csmf_true, mean);
    scores.log_loss = log_loss(truth, probability, n_causes);
    scores.brier = brier(truth, probability, n_causes);
    return scores;
}

Scores score_top(std::span<std::uint32_t const> truth, std::span<std::uint32_t const> predicted,
                 std::size_t n_causes, std::span<double const> own_csmf) {
    VASTER_EXPECTS(own_csmf.empty() || own_csmf.size() == n_causes);
    return score_assignments(assign_top(truth, predicted, n_causes), own_csmf);
}

double csmf_accuracy(std::span<double const> true_fractions, std::span<double const> predicted_fractions) {
    VASTER_EXPECTS(true_fractions.size() == predicted_fractions.size());
    double distance = 0;
    double smallest = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < true_fractions.size(); ++c) {
        distance += std::abs(true_fractions[c] - predicted_fractions[c]);
        if (true_fractions[c] > 0) smallest = std::min(smallest, true_fractions[c]);
    }
    if (std::isinf(smallest)) return missing;
    if (smallest >= 1) return distance <= 1e-9 ? 1 : 0;
    return std::max(0.0, 1 - distance / (2 * (1 - smallest)));
}

double chance_corrected(double csmf_accuracy) {
    double const inverse_e = std::exp(-1.0);
    return (csmf_accuracy - (1 - inverse_e)) / inverse_e;
}

}  // namespace vaster::va
