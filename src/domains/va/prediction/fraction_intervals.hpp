#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/stats/interval.hpp"
#include "domains/va/prediction/cause_sums.hpp"

namespace vaster::va {

/// How far cause fractions would vary if other deaths of the same kind had been interviewed: 95 % intervals
/// from a Poisson bootstrap, in which every bucket counts as often as a Poisson number of mean 1 says.
/// Buckets are random parts of the deaths, so this is the bootstrap of the deaths but for the noise of a
/// variance from n_buckets terms. Deaths are drawn evenly, and the fractions of what was drawn are weighted
/// where deaths have weights. It knows nothing of what the model does wrong.
/// @param group  its first group is used
/// @return [n_causes]; all NaN for fewer than two deaths
/// Hanley and MacGibbon (2006), doi:10.1016/j.cmpb.2006.04.006, for Poisson weights.
[[nodiscard]] std::vector<stats::Interval> sampling_intervals(CauseSums const& group, std::uint64_t seed,
                                                              std::size_t n_resamples = 1000);

/// True and predicted cause fractions of sites that a model was not trained on, [n_sites][n_causes].
struct UnseenSites {
    std::size_t n_sites = 0;
    std::size_t n_causes = 0;
    std::span<double const> truth;
    std::span<double const> predicted;
};

/// How wrong a model's cause fractions were at sites that it had not seen: root mean square of
///     asin sqrt(true) - asin sqrt(predicted)
/// over sites and over causes of which either fraction is above 0. On that scale the spread of a fraction
/// hardly depends on its size (Anscombe 1948, doi:10.1093/biomet/35.3-4.246).
/// @return nothing for fewer than three sites
[[nodiscard]] std::optional<double> transfer_error(UnseenSites const& sites);

/// Where the true fractions of a new site are, going by how wrong the model was at sites that it had not
/// seen: with u = asin sqrt(fraction),
///     sin^2(u -+ 1.96 sqrt(error^2 + 1 / (4 n))), u -+ ... kept within [0, pi/2]
/// @param error     transfer_error()
/// @param n_deaths  n, above 0; of deaths with weights the effective number, weight_of()
[[nodiscard]] stats::Interval transfer_interval(double fraction, double error, double n_deaths);

}  // namespace vaster::va
