#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "domains/va/report/comparison_grid.hpp"

// What is computed from single test deaths: bootstrap intervals and exact tests.
namespace vaster::va {

/// One prediction for one test death.
struct TestedDeath {
    std::uint32_t death = 0;  ///< among Deaths::rows
    std::int32_t truth = 0;
    std::int32_t predicted = 0;
    bool in_top3 = false;

    [[nodiscard]] bool right() const noexcept { return truth == predicted; }
};

/// The test deaths of one site, whatever the number of experiments that tested them.
struct Stratum {
    std::string test_site;
    std::uint32_t first = 0;  ///< of its deaths
    std::uint32_t n = 0;
};

/// All predictions of a question.
struct Deaths {
    std::size_t n_causes = 0;
    std::vector<std::int64_t> rows;  ///< data row of each death, ascending within its stratum
    std::vector<Stratum> strata;     ///< in order of test site
    std::vector<std::vector<std::vector<TestedDeath>>>
        tested;  ///< [n_models][n_places], empty where there is no result

    /// Are the test deaths of a pair of sites other ones in each repeat?
    bool resplit = false;
};

/// @throws UsageError or DataError when the study keeps no predictions, or two models were tested at one
/// place on different deaths
[[nodiscard]] Deaths read_deaths(store::Reader const& study, Question const& question);

/// A weighted sum of metrics: a model's mean, or the difference of two.
using Contrast = std::vector<std::vector<double>>;  ///< weights, [n_models][n_places]

/// What the resamples of a contrast say; NaN for metrics that cannot be computed from predictions.
struct Resampled {
    double mean = 0;
    stats::Interval percentiles;  ///< 2.5 and 97.5 %, type 7
};

/// Bootstrap of each contrast. Deaths are drawn with replacement within their site; one
/// drawn k times counts k times in every experiment that tested it, so that models are paired and experiments
/// on the same deaths move together.
/// @param metric  csmf_accuracy, cccsmf_accuracy, cod_accuracy or top3_accuracy; any other gives NaN
[[nodiscard]] std::vector<Resampled> bootstrap_contrasts(Deaths const& deaths, std::string const& metric,
                                                         std::vector<Contrast> const& contrasts,
                                                         std::size_t n_resamples, std::uint64_t seed);

/// Compares who is right, over the given places.
[[nodiscard]] Discordance discordance_of(Deaths const& deaths, std::size_t first, std::size_t second,
                                         std::vector<bool> const& places);

}  // namespace vaster::va
