#include "vaster/support/ids.hpp"

#include <fmt/core.h>

namespace vaster {

std::string to_text(ExperimentId id) {
    return fmt::format("{:016x}", id.value);
}

}  // namespace vaster
