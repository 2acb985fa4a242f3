#pragma once

#include <cstddef>
#include <functional>

#include "base/support/processors.hpp"

namespace vaster {

/// Calls work(i) once for each i below n, on several threads, which take them in ascending order; returns
/// when all are done. What it yields must not depend on who does what. Where the system gives no more
/// threads, those there are do all of it.
/// @param threads    so many at most, the calling one among them, which stays where it runs; at least 1
/// @param look_up    called on the calling thread before each piece that it takes; may throw
/// @throws what look_up threw, else what work threw for the lowest i for which it did: nothing more is begun
/// then
void for_each_in_threads(
    Threads const& threads, std::size_t n, std::function<void(std::size_t)> const& work,
    std::function<void()> const& look_up = [] {});

}  // namespace vaster
