#pragma once

#include <cstdint>

#include <sys/types.h>

#include "vaster/study/study.hpp"
#include "vaster/support/files.hpp"

namespace vaster::engine {

/// The life of a child, just forked: limits itself, runs the task, says over the pipe `results` what came of
/// it, ends the process.
/// @param output  where its standard output and error go
/// @param server  the process that forked it and with which it dies
[[noreturn]] void live_as_child(study::Study const& study, study::Task const& task, Descriptor const& results,
                                Descriptor const& output, pid_t server);

/// The same for a child that asks the study for the experiments after those known and says them.
[[noreturn]] void live_as_planner(study::Study const& study, study::Records const& known,
                                  std::uint64_t memory_bytes, Descriptor const& results,
                                  Descriptor const& output, pid_t server);

}  // namespace vaster::engine
