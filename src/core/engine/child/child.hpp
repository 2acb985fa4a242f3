#pragma once

#include <cstdint>

#include <sys/types.h>

#include "base/support/files.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::engine {

/// What ties a child to the others.
struct ChildTies {
    Descriptor const& results;  ///< pipe over which it says what comes of its tasks
    Descriptor const& output;   ///< where its standard output and error go
    pid_t server = -1;          ///< which forked it and with which it dies
};

/// A child's word at the end of a task that it got through.
struct TaskThrough {
    std::uint64_t peak_rss_bytes = 0;  ///< since the task's start
    bool as_new = false;               ///< it has kept little memory, so it may have another task

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& peak_rss_bytes& as_new;
    }
};

/// The life of a child, just forked: runs the tasks that come over the socket `tasks`, one after the other,
/// until one fails or no more will come, and ends the process.
[[noreturn]] void live_as_child(study::Study const& study, Descriptor const& tasks, ChildTies const& ties);

/// The same for a child that asks the study for the experiments after those known and says them.
[[noreturn]] void live_as_planner(study::Study const& study, study::Records const& known,
                                  std::uint64_t memory_bytes, ChildTies const& ties);

}  // namespace vaster::engine
