#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/stats/interval.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {

// Deaths may have weights, above 0. Then a sum over deaths is one of their weights, wherever it goes into a
// metric; without weights each weighs 1, to the bit. Only `n_deaths` and `confusion` count deaths.
//
// A cause is its index in the study's cause list, in [0, n_causes). Everywhere in this file a metric that
// cannot be computed (0/0, no probabilities, no deaths) is NaN, which exports leave empty; it is never 0.

/// What the metrics of ranks need to know of one test death.
struct Assignment {
    /// Rank of a true cause of which nothing is known but that it is not the top cause.
    static constexpr std::uint32_t unknown_rank = ~std::uint32_t{0};

    std::uint32_t truth = 0;       ///< true cause
    std::uint32_t predicted = 0;   ///< most probable cause
    std::uint32_t truth_rank = 0;  ///< of the true cause among all causes by probability, 0 = most probable
};

/// Do the assignments come from a model that gives probabilities, or from one that only names a cause?
enum class Source { probabilities, top_causes };

/// Assignments of a test set, in order of death.
struct Assignments {
    std::vector<Assignment> deaths;
    std::size_t n_causes = 0;  ///< of the study
    Source source = Source::probabilities;
    std::vector<double> weights = {};  ///< of `deaths`, above 0; empty: each weighs 1

    [[nodiscard]] double weight(std::size_t i) const { return weights.empty() ? 1 : weights[i]; }
};

/// Ranks causes by probability; of equally probable causes the one with the lower index comes first.
/// @param truth        true causes, [n_deaths]
/// @param probability  P(cause | death), [n_deaths][n_causes]
/// @param weights      of the deaths, [n_deaths], above 0; empty: each weighs 1
/// @throws ModelError when a row is not a distribution: a value is not finite or negative, or the sum is
/// further than
///         1e-5 from 1
[[nodiscard]] Assignments assign(std::span<std::uint32_t const> truth, std::span<double const> probability,
                                 std::size_t n_causes, std::span<double const> weights = {});

/// Assignments of a model without probabilities.
/// @param predicted  the cause that the model names, [n_deaths]
[[nodiscard]] Assignments assign_top(std::span<std::uint32_t const> truth,
                                     std::span<std::uint32_t const> predicted, std::size_t n_causes,
                                     std::span<double const> weights = {});

/// The k most probable causes of one death, most probable first; equally probable ones by index. min(k,
/// n_causes) long.
[[nodiscard]] std::vector<std::uint32_t> most_probable(std::span<double const> probability, std::size_t k);

/// Sum of weights, and how many deaths of equal weight say as much of a mean: (sum w)^2 / sum w^2 (Kish 1965,
/// Survey Sampling, Wiley, section 8.2). Without weights both are the number of deaths.
struct WeightSums {
    double sum = 0;
    double effective = 0;  ///< 0 for no deaths
};

/// @param weights  of the deaths, above 0
[[nodiscard]] WeightSums weight_sums(std::span<double const> weights);

/// Per-cause metrics, each [n_causes]. With TP, FN, FP, TN of "cause c or not" over the test deaths:
///     sensitivity TP / (TP + FN), specificity TN / (TN + FP), precision TP / (TP + FP),
///     f1 2 TP / (2 TP + FP + FN), ccc (sensitivity - 1/C) / (1 - 1/C)
struct CauseScores {
    std::vector<double> sensitivity;
    std::vector<double> specificity;
    std::vector<double> precision;
    std::vector<double> f1;
    std::vector<double> ccc;  ///< chance-corrected concordance (Murray 2011)
};

/// All metrics of one model on one test set.
struct Scores {
    std::size_t n_deaths = 0;
    std::size_t n_causes = 0;

    double cod_accuracy = 0;  ///< share of deaths whose most probable cause is the true one (top-1 accuracy)
    double top3_accuracy =
        0;  ///< share with the true cause among the 3 most probable; NaN without probabilities
    double top5_accuracy = 0;  ///< among the 5 most probable

    double csmf_accuracy = 0;            ///< see csmf_accuracy(), minimum over causes present in the truth
    double csmf_accuracy_union = 0;      ///< minimum over the union of true and predicted causes
    double csmf_accuracy_posterior = 0;  ///< csmf_accuracy() of the model's own fractions
    double csmf_accuracy_probabilities =
        0;                       ///< csmf_accuracy() of the mean of the probabilities; NaN without
    double cccsmf_accuracy = 0;  ///< chance_corrected() of csmf_accuracy
    double mean_ccc = 0;         ///< mean of causes.ccc over the causes present in the truth

    double log_loss = 0;  ///< mean of -ln max(P(true cause), 1e-15); NaN without probabilities
    double brier = 0;  ///< mean of sum_c (P(c) - [true cause is c])^2, in [0, 2]; NaN without probabilities

    CauseScores causes;
    std::vector<std::uint32_t>
        confusion;  ///< deaths with true cause t and top cause p, [t][p], [n_causes][n_causes]
    std::vector<double> csmf_true;  ///< true fractions, [n_causes]
    std::vector<double> csmf_pred;  ///< fractions of the top causes, [n_causes]
    std::vector<double> csmf_own;   ///< the model's own fractions, [n_causes]; empty when it has none
};

/// All metrics of a model that gives probabilities.
/// @param truth        true causes, [n_deaths]
/// @param probability  P(cause | death), [n_deaths][n_causes]
/// @param own_csmf     the model's own cause fractions, [n_causes]; empty: the mean of the rows of
/// `probability`
/// @param weights      of the deaths, [n_deaths], above 0; empty: each weighs 1
/// @throws ModelError as assign() does
[[nodiscard]] Scores score(std::span<std::uint32_t const> truth, std::span<double const> probability,
                           std::size_t n_causes, std::span<double const> own_csmf = {},
                           std::span<double const> weights = {});

/// All metrics that exist for a model without probabilities; the others are NaN.
/// @param own_csmf  as for score(); empty: csmf_accuracy_posterior is NaN
[[nodiscard]] Scores score_top(std::span<std::uint32_t const> truth, std::span<std::uint32_t const> predicted,
                               std::size_t n_causes, std::span<double const> own_csmf = {},
                               std::span<double const> weights = {});

/// CSMF accuracy: 1 when every cause fraction is right.
///     1 - sum_c |T_c - P_c| / (2 (1 - min_c T_c))
/// The minimum runs over the causes with T_c > 0. Clipped at 0: where a cause with T_c = 0 is predicted, the
/// formula can give less (the published range [0, 1] assumes that every cause occurs in the truth). One cause
/// only in the truth: 1 if P is exactly it (up to 1e-9), else 0.
/// @param true_fractions, predicted_fractions  shape [n_causes], each sums to 1; all 0 gives NaN
/// Murray et al. (2011), Population Health Metrics 9:28, doi:10.1186/1478-7954-9-28.
[[nodiscard]] double csmf_accuracy(std::span<double const> true_fractions,
                                   std::span<double const> predicted_fractions);

/// Chance-corrected CSMF accuracy: 0 for a guess of the fractions, 1 for the right ones; not below -1.7183 =
/// 1 - e.
///     (csmf_accuracy - (1 - 1/e)) / (1/e)
/// Flaxman et al. (2015), Population Health Metrics 13:28, doi:10.1186/s12963-015-0061-1.
[[nodiscard]] double chance_corrected(double csmf_accuracy);

/// The metrics that have bootstrap intervals, as one T each.
template <class T>
struct IntervalMetrics {
    T csmf_accuracy{};
    T csmf_accuracy_union{};
    T csmf_accuracy_probabilities{};  ///< NaN where no probabilities are given
    T cccsmf_accuracy{};
    T cod_accuracy{};
    T top3_accuracy{};
    T mean_ccc{};
};

using Intervals = IntervalMetrics<stats::Interval>;
/// Element r of every vector belongs to resample r.
using Resamples = IntervalMetrics<std::vector<double>>;

/// The metrics of `n_resamples` samples of the test deaths with replacement. Which deaths are in resample r
/// depends on the number of deaths and on `random` only: two models on the same test set with the same stream
/// can be compared resample by resample (paired bootstrap). Deaths are drawn evenly, whatever they weigh; the
/// metrics of a resample are weighted. Causes present in the truth are those of the
/// resample.
/// @param probability  of the same deaths, [n_deaths][n_causes]; empty: there is none
[[nodiscard]] Resamples bootstrap(Assignments const& assignments, std::size_t n_resamples, Random random,
                                  std::span<double const> probability = {});

/// Percentile intervals at 2.5 and 97.5 % (quantile type 7) of every metric, all from the same resamples.
/// They need not hold the sample's own value: resamples repeat some deaths and lack others, which lowers
/// their CSMF accuracy. All are NaN for no resamples.
/// @param probability  as for bootstrap()
[[nodiscard]] Intervals bootstrap_intervals(Assignments const& assignments, std::size_t n_resamples,
                                            Random random, std::span<double const> probability = {});

}  // namespace vaster::va
