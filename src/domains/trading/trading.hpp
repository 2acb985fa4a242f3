#pragma once

#include "vaster/cli/domain.hpp"

namespace vaster::trading {

/// Trading strategies that evolve, judged on prices that they have not seen.
[[nodiscard]] cli::Domain domain();

}  // namespace vaster::trading
