#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/stats/interval.hpp"
#include "domains/va/report/comparison.hpp"
#include "domains/va/report/comparison_deaths.hpp"

// What is computed from single test deaths: bootstrap intervals and exact tests.
namespace vaster::va {

/// The metric of a model's predictions at each place, as they are; NaN where nothing was tested, and for
/// metrics other than csmf_accuracy, cccsmf_accuracy and cod_accuracy.
[[nodiscard]] std::vector<double> measured_once(Deaths& deaths, std::size_t model, std::string const& metric);

/// What the metric is expected to be when causes are guessed at random: 1 / n_causes for cod_accuracy;
/// 1 - 1/e for csmf_accuracy and so 0 for cccsmf_accuracy, which holds for many causes (Flaxman et al. 2015,
/// doi:10.1186/s12963-015-0061-1); NaN for any other.
[[nodiscard]] double guessing(std::string const& metric, std::size_t n_causes);

/// A weighted sum of metrics: a model's mean, or the difference of two.
struct Contrast {
    PlaceWeights weights;
    std::size_t plus = 0;  ///< the model
    std::optional<std::size_t> minus = {};
};

/// What the resamples of a contrast say; NaN for metrics that cannot be computed from predictions.
struct Resampled {
    double mean = 0;
    stats::Interval percentiles;  ///< 2.5 and 97.5 %, type 7
    std::vector<double> values;   ///< of each resample; empty where there are none
};

/// As many bytes of resamples are held at once; where there are more, predictions are read again.
inline constexpr std::size_t room_for_resamples = std::size_t{32} << 20U;

/// Bootstrap of each contrast. Deaths are drawn evenly, whatever they weigh, with replacement within their
/// site; one drawn k times counts k times in every experiment that tested it, so that models are paired and
/// experiments on the same deaths move together. Metrics are weighted by the weights of the deaths.
/// @param metric  csmf_accuracy, cccsmf_accuracy, cod_accuracy or top3_accuracy; any other gives NaN
/// @param room    bytes for resamples; the result does not depend on it
[[nodiscard]] std::vector<Resampled> bootstrap_contrasts(Deaths& deaths, std::string const& metric,
                                                         std::vector<Contrast> const& contrasts,
                                                         std::size_t n_resamples, std::uint64_t seed,
                                                         std::size_t room = room_for_resamples);

/// Compares who is right, over the given places. Tests count deaths, and know no weights.
[[nodiscard]] Discordance discordance_of(Deaths& deaths, std::size_t first, std::size_t second,
                                         std::vector<bool> const& places);

}  // namespace vaster::va
