#pragma once

#include <cstdint>
#include <iosfwd>

#include "domains/va/data/cohort.hpp"

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
///     P(answer k to question j | cause c, site s) = softmax over k of base_jk + effect_cjk + shift_sjk +
///     deviation_scjk
/// with effects sparse over causes, so that what a model learns at one site holds at another only in part.
/// Symptoms made of one question are consistent. Some questions get no answer more often at one site than at
/// another, and three blocks of questions are not asked at all at one or two sites each. Both formats of one
/// seed hold the same deaths and the same answers; the first n deaths of a larger cohort are those of a
/// smaller one. The text is a function of the options only; deaths are streamed, memory does not grow with
/// their number.
/// @throws IoError when the stream fails
void simulate(SimulationOptions const& options, std::ostream& out);

}  // namespace vaster::va
