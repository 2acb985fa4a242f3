#pragma once  // Stable.

#include <stdexcept>

namespace vaster {

/// A broken contract: a bug of ours, never bad input.
class ContractViolation : public std::logic_error {
  public:
    ContractViolation(char const* kind, char const* condition, char const* file, int line);
};

}  // namespace vaster

/// VASTER_EXPECTS(condition): what a function needs of its caller. VASTER_ENSURES(condition): what it
/// promises. Both are checked in the presets dev and asan, and cost nothing in release.
#ifdef VASTER_CHECK_CONTRACTS
#define VASTER_CONTRACT(kind, condition) \
    ((condition) ? void() : throw ::vaster::ContractViolation(kind, #condition, __FILE__, __LINE__))
#else
#define VASTER_CONTRACT(kind, condition) (void(sizeof(!(condition))))
#endif
#define VASTER_EXPECTS(condition) VASTER_CONTRACT("precondition", condition)
#define VASTER_ENSURES(condition) VASTER_CONTRACT("postcondition", condition)
