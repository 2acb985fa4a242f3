#pragma once

#include "vaster/study/schema.hpp"

namespace vaster::workloads {

/// Result column of studies with ensembles: who voted, with what weight.
[[nodiscard]] study::Column members_column();

}  // namespace vaster::workloads
