#pragma once

#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {

/// AVG: the mean of each full block of `window` observations of a key, summed in the order of arrival.
[[nodiscard]] TaskKind average_task();

}  // namespace vaster::stream
