#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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
    double weight = 1;  ///< by data.weight, where the study's data have weights

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
[[nodiscard]] Deaths read_deaths(Question const& question);

/// Rows and true causes of the deaths that an experiment tested, in their order.
struct TestedRows {
    std::vector<std::int64_t> rows;
    std::vector<std::string> causes;

    bool operator==(TestedRows const&) const = default;
};

[[nodiscard]] TestedRows read_tested_rows(store::Reader const& study, std::size_t row);

/// The weight of each cause among the deaths that any experiment tested at a site, by site: [n_causes]. Their
/// number, where the data have no weights.
using CausesOfSites = std::map<std::string, std::vector<double>>;

[[nodiscard]] CausesOfSites causes_of_sites(Grid const& grid);

/// The predictions of whoever gives every death the most frequent cause of the training site, by place; empty
/// where nothing was tested. They can stand behind those of the models in `Deaths::tested`. The study file
/// does not keep the training deaths: the cause is that of the site's tested deaths, which were drawn from
/// the same ones. Of causes equally frequent the one that comes first in the list counts. Where models were
/// trained at no single site, it is that of all sites but the one tested.
[[nodiscard]] std::vector<std::vector<TestedDeath>> most_frequent_predictions(Deaths const& deaths,
                                                                              CausesOfSites const& causes,
                                                                              Question const& question);

/// The metric of a model's predictions at each place, as they are; NaN where nothing was tested, and for
/// metrics other than csmf_accuracy, cccsmf_accuracy and cod_accuracy.
[[nodiscard]] std::vector<double> measured_once(Deaths const& deaths, std::size_t model,
                                                std::string const& metric);

/// What the metric is expected to be when causes are guessed at random: 1 / n_causes for cod_accuracy;
/// 1 - 1/e for csmf_accuracy and so 0 for cccsmf_accuracy, which holds for many causes (Flaxman et al. 2015,
/// doi:10.1186/s12963-015-0061-1); NaN for any other.
[[nodiscard]] double guessing(std::string const& metric, std::size_t n_causes);

/// A weighted sum of metrics: a model's mean, or the difference of two.
using Contrast = std::vector<std::vector<double>>;  ///< weights, [n_models][n_places]

/// What the resamples of a contrast say; NaN for metrics that cannot be computed from predictions.
struct Resampled {
    double mean = 0;
    stats::Interval percentiles;  ///< 2.5 and 97.5 %, type 7
    std::vector<double> values;   ///< of each resample; empty where there are none
};

/// Bootstrap of each contrast. Deaths are drawn evenly, whatever they weigh, with replacement within their
/// site; one drawn k times counts k times in every experiment that tested it, so that models are paired and
/// experiments on the same deaths move together. Metrics are weighted by the weights of the deaths.
/// @param metric  csmf_accuracy, cccsmf_accuracy, cod_accuracy or top3_accuracy; any other gives NaN
[[nodiscard]] std::vector<Resampled> bootstrap_contrasts(Deaths const& deaths, std::string const& metric,
                                                         std::vector<Contrast> const& contrasts,
                                                         std::size_t n_resamples, std::uint64_t seed);

/// Compares who is right, over the given places. Tests count deaths, and know no weights.
[[nodiscard]] Discordance discordance_of(Deaths const& deaths, std::size_t first, std::size_t second,
                                         std::vector<bool> const& places);

}  // namespace vaster::va
