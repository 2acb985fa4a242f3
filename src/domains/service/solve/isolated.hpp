#pragma once

#include <functional>
#include <string>

#include "vaster/support/watcher.hpp"

namespace vaster::service::solve {

/// What became of work in a process of its own.
struct Ended {
    std::string bytes = {};    ///< what it answered
    std::string trouble = {};  ///< why it did not; empty: it did
};

/// Does the work in a forked process, whose crash, memory and time harm nobody else. What it prints is lost.
/// @param seconds  after which it is killed
/// @throws Cancelled when the watcher asks to stop; IoError when no process can be started
[[nodiscard]] Ended run_isolated(std::function<std::string()> const& work, double seconds, Watcher& watcher);

}  // namespace vaster::service::solve
