#pragma once

#include <string_view>

namespace vaster::run {

/// "0.1.0+1f2e3d4c5b": the project's version and, if it was built in a git checkout, the commit.
[[nodiscard]] std::string_view version();

}  // namespace vaster::run
