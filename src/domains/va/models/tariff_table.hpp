#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/va/models/features.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models {

/// How often each sign was present, and answered, among the training deaths of every class.
struct EndorsementCounts {
    std::size_t n_signs = 0;
    std::size_t n_classes = 0;
    std::vector<std::uint32_t> present;   ///< [n_signs][n_classes]
    std::vector<std::uint32_t> answered;  ///< present or absent, [n_signs][n_classes]; of deaths with weights
                                          ///< their effective number, rounded
    // Where deaths have weights, the weights of the same deaths; else empty.
    std::vector<double> weight_present = {};
    std::vector<double> weight_answered = {};
};

/// @param signs    the training deaths' signs (signs.hpp), in the order of present.class_of
/// @param weights  of the deaths, in the same order; empty: each counts for 1
[[nodiscard]] EndorsementCounts count_endorsements(va::AnswerMatrix const& signs,
                                                   PresentCauses const& present,
                                                   std::span<double const> weights = {});

struct TariffOptions {
    std::size_t n_kept = 40;        ///< signs of largest tariff, either sign, kept for every cause
    std::size_t n_resamples = 500;  ///< behind the test of significance; 0: every tariff counts
};

/// The tariffs, [n_signs][n_classes].
///     tariff_sc = (x_sc - median_c x_sc) / IQR_c x_sc
/// x_sc is the share (by weight, where deaths have weights) of deaths of cause c with sign s among those with
/// an answer, the sign's share among all deaths where none has; quantiles are of type 7; an IQR of 0 counts
/// as 0.001. A tariff is 0 where the 95 % percentile interval of the bootstrap, the deaths of each cause
/// resampled, holds 0; where it is not among the n_kept largest of its cause by absolute value (ties stay);
/// and it is rounded to the nearest 0.5, halves to the even multiple.
///
/// Resampling the deaths of a cause makes the number with a sign binomial, and that is what is drawn: other
/// signs of the same death do not matter to the interval.
///
/// James, Flaxman and Murray (2011), Population Health Metrics 9:31, doi:10.1186/1478-7954-9-31; Serina et
/// al. (2015), BMC Medicine 13:291, doi:10.1186/s12916-015-0527-9 (significance, ranks).
/// @throws Cancelled
[[nodiscard]] std::vector<double> tariff_table(EndorsementCounts const& counts, TariffOptions const& options,
                                               Random& random, Watcher& watcher);

}  // namespace vaster::models
