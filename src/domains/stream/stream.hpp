#pragma once

#include "vaster/cli/domain.hpp"

namespace vaster::stream {

/// Tasks and dataflows over the records of sensors, and how fast they are.
[[nodiscard]] cli::Domain domain();

}  // namespace vaster::stream
