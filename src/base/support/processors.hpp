#pragma once

#include <cstddef>
#include <vector>

namespace vaster {

/// Threads that may be used at a time, and where.
struct Threads {
    std::size_t n = 1;
    std::vector<std::size_t> processors = {};  ///< that they may run on; none: those of the calling thread
};

/// The logical processors that this process may run on, by their numbers; at least one.
[[nodiscard]] std::vector<std::size_t> usable_processors();

/// Lets this thread run on these, where it may; else it stays where it is.
/// @param processors  none: nothing is done
void run_on(std::vector<std::size_t> const& processors);

}  // namespace vaster
