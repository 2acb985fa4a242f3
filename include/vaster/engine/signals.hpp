#pragma once

namespace vaster::engine {

/// From now on SIGTERM, SIGINT and SIGUSR1 only set a flag. Call it before MPI_Init: a SIGUSR1 that comes
/// earlier ends the job.
void install_stop_handlers();

/// Has one of them come since install_stop_handlers()?
[[nodiscard]] bool stop_requested() noexcept;

}  // namespace vaster::engine
