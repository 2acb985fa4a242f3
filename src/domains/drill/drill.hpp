#pragma once

#include "vaster/cli/domain.hpp"

namespace vaster::drill {

/// Drills: studies that compute nothing of interest and fail on request.
[[nodiscard]] cli::Domain domain();

}  // namespace vaster::drill
