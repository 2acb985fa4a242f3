#pragma once

#include "domains/va/data/cohort.hpp"
#include "vaster/study/inventory.hpp"

namespace vaster::va {

/// Causes with fewer deaths than this are warned of: of five deaths one is in the test part, as the key
/// test_fraction is set by default.
inline constexpr std::uint32_t few_deaths = 5;

/// A symptom tells a cause alone when so many deaths of the cause have one and the same answer to it
/// (present, absent or missing), which are more than this share both of the deaths with that answer and of
/// those of the cause; of the latter only deaths with an answer count, unless it is the missing answer that
/// tells.
inline constexpr std::uint32_t telling_deaths = 10;
inline constexpr double telling_share = 0.99;

/// What was read, for its user: deaths by site and by cause, symptoms, missing answers, what was left out;
/// and warnings of what makes a comparison misleading: fewer than two causes, one site, causes with few
/// deaths or at one site only, symptoms that nobody answered or everybody in the same way, symptoms that tell
/// the cause alone, and symptoms that by their name are none (id, age, sex and the like). Cost: one pass over
/// all answers.
[[nodiscard]] study::Inventory inventory_of(Cohort const& cohort);

}  // namespace vaster::va
