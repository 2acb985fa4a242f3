#pragma once

#include <string>

namespace vaster {

/// What the running program is called, for its messages: the name of its file.
[[nodiscard]] std::string program_name();

}  // namespace vaster
