#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// InterVA's rule with P(symptom | cause) learned from the training deaths, as openVA's interVA_train does
/// it.
///     P(c | x) ~ pi_c  prod_{s present} L(P(s | c))
/// Only symptoms that are present count: what is absent or missing in a test death has no factor. L cuts the
/// share of a cause's training deaths with the symptom into InterVA's 15 levels (insilico_tables.hpp): by
/// `levels` quantile: shares of the levels as in the InterVA-4 table, with a level's number taken from the
/// training deaths; fixed: the nearest InterVA number, where the lowest is 0 and rules a cause out. pi is by
/// `prior` uniform over the causes that occur in the training set, or their fractions there (empirical).
///
/// Missing answers in training, by policy: absent: absent; nan: left out, symptoms missing in more than 95 %
/// of the training deaths with them, and a cause with fewer than 5 % of its deaths answered gets the
/// symptom's share of all training deaths; ordinal: "missing" is a sign of its own, which may be present
/// (signs.hpp).
///
/// Undetermined: InterVA names no cause where none has a probability above 0.4. A comparison needs one for
/// every death, so the probabilities stand as they are. A death without any symptom that is present gets pi,
/// and so does one whose symptoms rule every cause out. Causes that do not occur in the training set get
/// probability 0. Random numbers are not used: all shares of 0 have the lowest level and
/// all shares of 1 the highest (insilico/tables.hpp, CertainCells::tied).
///
/// Byass et al. (2012), Global Health Action 5:19281, doi:10.3402/gha.v5i0.19281; Li et al. (2023), The R
/// Journal 14(4):316-334, doi:10.32614/RJ-2023-020, for trained InterVA.
[[nodiscard]] Model interva();

}  // namespace vaster::models
