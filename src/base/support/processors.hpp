#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace vaster {

/// Threads that may be used at a time, and where.
struct Threads {
    std::size_t n = 1;
    std::vector<std::size_t> processors = {};  ///< that they may run on; none: those of the calling thread
};

/// The logical processors that this process may run on, by their numbers; at least one.
[[nodiscard]] std::vector<std::size_t> usable_processors();

/// Calls work(0) to work(n - 1), each in a thread of its own, the first in this one, and waits for all of
/// them. Where the system has no more threads, this one does the rest.
/// @param processors  that the other threads may run on, whatever this one may; none: those of this one
/// @throws what the call with the lowest number has thrown
void in_threads(std::size_t n, std::vector<std::size_t> const& processors,
                std::function<void(std::size_t)> const& work);

}  // namespace vaster
