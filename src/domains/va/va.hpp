#pragma once

#include "vaster/cli/domain.hpp"

namespace vaster::va {

/// Verbal autopsy: which model assigns the right cause of death at a site it was not trained on?
[[nodiscard]] cli::Domain domain();

}  // namespace vaster::va
