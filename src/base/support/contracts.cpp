#include "vaster/support/contracts.hpp"

#include <fmt/core.h>

namespace vaster {

ContractViolation::ContractViolation(char const* kind, char const* condition, char const* file, int line)
    : std::logic_error(fmt::format("{} '{}' does not hold at {}:{}; this is a bug of vaster", kind, condition,
                                   file, line)) {}

}  // namespace vaster
