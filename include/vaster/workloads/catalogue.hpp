#pragma once

#include <string_view>
#include <vector>

#include "vaster/study/study.hpp"

namespace vaster::workloads {

/// All kinds of study, the default first.
[[nodiscard]] std::vector<study::Kind const*> kinds();

/// The kind of that name. @throws ConfigError that lists the kinds there are
[[nodiscard]] study::Kind const& find_kind(std::string_view name);

}  // namespace vaster::workloads
