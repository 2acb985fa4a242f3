#pragma once

#include <cstdint>

namespace vaster::engine {

/// How a run is asked to stop.
enum class Stop : std::uint8_t {
    no,
    drain,  ///< hand out nothing more; what runs has a moment to finish
    now,    ///< what runs is given up at once
};

/// From now on SIGTERM, SIGINT, SIGHUP, SIGXCPU, SIGUSR1 and SIGUSR2 only set flags; a SIGHUP that is ignored
/// (nohup) stays so. SIGPIPE is ignored: a reader of ours who goes away is an error of writing. Call it
/// before MPI_Init: a SIGUSR1 that comes earlier ends the job.
void install_stop_handlers();

/// What has been asked for since install_stop_handlers(): `drain` by SIGTERM, SIGHUP, SIGXCPU, SIGUSR1 or one
/// SIGINT, `now` by a second SIGINT.
[[nodiscard]] Stop stop_requested() noexcept;

/// Has SIGUSR2, which asks how far the run is, come since the last call?
[[nodiscard]] bool take_status_request() noexcept;

}  // namespace vaster::engine
