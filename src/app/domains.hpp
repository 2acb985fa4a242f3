#pragma once

#include <vector>

#include "vaster/cli/domain.hpp"

namespace vaster::app {

/// All that this program knows about, the default first.
[[nodiscard]] std::vector<cli::Domain> domains();

}  // namespace vaster::app
