#pragma once

#include <cstdint>
#include <iosfwd>

#include "vaster/va/cohort.hpp"

namespace vaster::va {

struct SimulationOptions {
    std::uint64_t n_deaths = 7841;  ///< any number from 1
    std::uint64_t seed = 42;
    CohortFormat format = CohortFormat::phmrc_adult;
};

/// Writes a cohort with the shape of the PHMRC adult data and none of its content: six sites with the real
/// names, 34 causes, the 168 symptoms of phmrc_adult_rules(). All parameters are drawn from the seed, none
/// was estimated from data:
///     site ~ fixed shares;  cause | site ~ softmax(a_c + b_sc);
///     P(symptom j | cause c, site s) = logistic(base_j + effect_cj + shift_sj + deviation_scj)
/// with effect sparse over causes, so that what a model learns at one site holds at another only in part.
/// Questions that other answers rule out (follow-ups, the second option of a question) are consistent; some
/// questions are not asked at some sites. Both formats of one seed hold the same deaths and the same answers.
/// The text is a function of the options only; deaths are streamed, memory does not grow with their number.
/// @throws IoError when the stream fails
void simulate(SimulationOptions const& options, std::ostream& out);

}  // namespace vaster::va
