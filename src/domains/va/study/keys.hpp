#pragma once

#include <vector>

#include "vaster/study/config.hpp"

namespace vaster::va {

/// The kind's tables of keys: [data], [design], [tuning] and one for every model.
[[nodiscard]] std::vector<study::KeyTable> comparison_tables();

}  // namespace vaster::va
