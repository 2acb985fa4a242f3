#pragma once

#include <cstdint>
#include <vector>

namespace vaster::engine {

/// How a run is asked to stop.
enum class Stop : std::uint8_t {
    no,
    drain,  ///< hand out nothing more; what runs has a moment to finish
    now,    ///< what runs is given up at once
};

/// The signals that ask a run to stop: SIGTERM, SIGINT, SIGHUP, SIGXCPU, SIGUSR1, and what would otherwise
/// kill the process though it tells of nothing broken in it: timers (SIGALRM, SIGVTALRM, SIGPROF), failing
/// power (SIGPWR), SIGIO, and the real-time signals, any of which a scheduler may be told to send.
[[nodiscard]] std::vector<int> const& stop_signals();

/// From now on stop_signals() and SIGUSR2 only set flags. Of them, SIGHUP (nohup), timers and the others that
/// no scheduler sends unasked are left as they are where they are ignored or handled already. SIGPIPE is
/// ignored: a reader of ours who goes away is an error of writing. Call it before MPI_Init: a SIGUSR1 that
/// comes earlier ends the job.
void install_stop_handlers();

/// What has been asked for since install_stop_handlers(): `now` by a second SIGINT, `drain` by any other of
/// stop_signals() or one SIGINT.
[[nodiscard]] Stop stop_requested() noexcept;

/// Has SIGUSR2, which asks how far the run is, come since the last call?
[[nodiscard]] bool take_status_request() noexcept;

}  // namespace vaster::engine
