#pragma once

#include "vaster/cli/domain.hpp"

namespace vaster::service {

/// Work on tables and commands over the ranks.
[[nodiscard]] cli::Domain domain();

}  // namespace vaster::service
