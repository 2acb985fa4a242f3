#pragma once

#include <cstddef>
#include <vector>

namespace vaster::evolution {

/// Objectives of some individuals: [individual][objective], finite, the more the better.
using Objectives = std::vector<std::vector<double>>;

/// Is a at least as good as b in everything and better in something?
[[nodiscard]] bool dominates(std::vector<double> const& a, std::vector<double> const& b);

/// Fast non-dominated sorting: the front of each individual, 0 for those that nobody dominates.
/// Deb et al. (2002), doi:10.1109/4235.996017, section III A.
[[nodiscard]] std::vector<std::size_t> fronts(Objectives const& objectives);

/// Crowding distance of each individual within its front: sum over objectives of the gap between its
/// neighbours as share of the front's range; infinite at the ends. An objective in which the whole front is
/// the same adds nothing. Of individuals that are equal in an objective the one listed first is first.
/// Deb et al. (2002), doi:10.1109/4235.996017, section III B.
/// @param front  as fronts() says
[[nodiscard]] std::vector<double> crowding(Objectives const& objectives,
                                           std::vector<std::size_t> const& front);

/// Positions of the individuals, best first: by front, then the less crowded, then as listed. With one
/// objective that is: by it.
[[nodiscard]] std::vector<std::size_t> ranking(Objectives const& objectives);

}  // namespace vaster::evolution
