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

/// Weight of every cause: row sums, column sums and diagonal of the confusion matrix.
CauseCounts count_causes(Assignments const& assignments) {
    CauseCounts counts(assignments.n_causes);
    for (std::size_t i = 0; i < assignments.deaths.size(); ++i)
        counts.add(assignments.deaths[i], assignments.weight(i));
    return counts;
}

std::vector<double> fractions(std::vector<double> const& counts, double total) {
    std::vector<double> out;
    out.reserve(counts.size());
    for (double const count : counts) out.push_back(ratio(count, total));
    return out;
}

CauseScores score_causes(CauseCounts const& counts) {
    CauseScores scores;
    for (std::size_t c = 0; c < counts.n_causes(); ++c) {
        double const tp = counts.correct[c];
        double const others = counts.total - counts.truth[c];                 // of other causes: TN + FP
        double const fp = std::clamp(counts.predicted[c] - tp, 0.0, others);  // weights leave rounding behind
        scores.sensitivity.push_back(ratio(tp, counts.truth[c]));
        scores.specificity.push_back(ratio(others - fp, others));
        scores.precision.push_back(ratio(tp, counts.predicted[c]));
        scores.f1.push_back(ratio(2 * tp, counts.truth[c] + counts.predicted[c]));
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
    scores.csmf_true = fractions(counts.truth, counts.total);
    scores.csmf_pred = fractions(counts.predicted, counts.total);
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

/// Probabilities of test deaths, and what each death weighs.
struct Weighed {
    std::span<double const> probability;  ///< [n_deaths][n_causes]
    std::size_t n_causes;
    Assignments const& assignments;

    [[nodiscard]] std::size_t size() const { return assignments.deaths.size(); }

    [[nodiscard]] double total() const {
        double total = 0;
        for (std::size_t i = 0; i < size(); ++i) total += assignments.weight(i);
        return total;
    }
};

std::vector<double> mean_of_rows(Weighed const& weighed) {
    auto const& [probability, n_causes, assignments] = weighed;
    std::vector<double> mean(n_causes, 0.0);
    for (std::size_t i = 0; i < probability.size(); ++i)
        mean[i % n_causes] += assignments.weight(i / n_causes) * probability[i];
    double const total = weighed.total();
    for (double& value : mean) value = ratio(value, total);
    return mean;
}

double log_loss(Weighed const& weighed) {
    constexpr double floor = 1e-15;
    auto const& [probability, n_causes, assignments] = weighed;
    double sum = 0;
    for (std::size_t i = 0; i < weighed.size(); ++i)
        sum -= assignments.weight(i) *
               std::log(std::max(probability[i * n_causes + assignments.deaths[i].truth], floor));
    return ratio(sum, weighed.total());
}

double brier(Weighed const& weighed) {
    auto const& [probability, n_causes, assignments] = weighed;
    double sum = 0;
    for (std::size_t i = 0; i < weighed.size(); ++i)
        for (std::size_t c = 0; c < n_causes; ++c) {
            double const error = probability[i * n_causes + c] - (c == assignments.deaths[i].truth ? 1 : 0);
            sum += assignments.weight(i) * (error * error);
        }
    return ratio(sum, weighed.total());
}

}  // namespace

Assignments assign(std::span<std::uint32_t const> truth, std::span<double const> probability,
                   std::size_t n_causes, std::span<double const> weights) {
    VASTER_EXPECTS(n_causes > 0 && probability.size() == truth.size() * n_causes);
    VASTER_EXPECTS(weights.empty() || weights.size() == truth.size());
    Assignments assignments{{}, n_causes, Source::probabilities, {weights.begin(), weights.end()}};
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
                       std::size_t n_causes, std::span<double const> weights) {
    VASTER_EXPECTS(n_causes > 0 && predicted.size() == truth.size());
    VASTER_EXPECTS(weights.empty() || weights.size() == truth.size());
    Assignments assignments{{}, n_causes, Source::top_causes, {weights.begin(), weights.end()}};
    assignments.deaths.reserve(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        VASTER_EXPECTS(truth[i] < n_causes && predicted[i] < n_causes);
        assignments.deaths.push_back(
            {truth[i], predicted[i], truth[i] == predicted[i] ? 0 : Assignment::unknown_rank});
    }
    return assignments;
}

WeightSums weight_sums(std::span<double const> weights) {
    double sum = 0;
    double squares = 0;
    for (double const weight : weights) {
        sum += weight;
        squares += weight * weight;
    }
    return {sum, squares > 0 ? sum * sum / squares : 0};
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
             std::span<double const> own_csmf, std::span<double const> weights) {
    VASTER_EXPECTS(own_csmf.empty() || own_csmf.size() == n_causes);
    Assignments const assignments = assign(truth, probability, n_causes, weights);
    Weighed const weighed{probability, n_causes, assignments};
    std::vector<double> const mean = mean_of_rows(weighed);
    Scores scores = score_assignments(assignments, own_csmf.empty() ? mean : own_csmf);
    scores.csmf_accuracy_probabilities = csmf_accuracy(scores.csmf_true, mean);
    scores.log_loss = log_loss(weighed);
    scores.brier = brier(weighed);
    return scores;
}

Scores score_top(std::span<std::uint32_t const> truth, std::span<std::uint32_t const> predicted,
                 std::size_t n_causes, std::span<double const> own_csmf, std::span<double const> weights) {
    VASTER_EXPECTS(own_csmf.empty() || own_csmf.size() == n_causes);
    return score_assignments(assign_top(truth, predicted, n_causes, weights), own_csmf);
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
