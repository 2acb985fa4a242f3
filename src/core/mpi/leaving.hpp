#pragma once

#include <functional>
#include <string>

#include "vaster/support/errors.hpp"

namespace vaster::mpi {

/// Ends this process with the code should it still be there after so long.
void leave_within(unsigned seconds, ExitCode code);

/// Says why, and ends this process with 75, whatever its other threads are doing; also where the launcher has
/// stopped to take what ranks print, or where a file system hangs.
/// @param before  called first
[[noreturn]] void leave_at_once(std::string const& why, std::function<void()> const& before);

}  // namespace vaster::mpi
