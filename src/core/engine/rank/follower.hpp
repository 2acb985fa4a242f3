#pragma once

#include "core/engine/rank/worker.hpp"
#include "core/engine/run.hpp"
#include "core/mpi/session.hpp"

namespace vaster::engine {

/// The part of the followers, which are all ranks but rank 0: carries orders to its worker and reports to
/// rank 0, until all is over or rank 0 is lost.
Totals follow_rank_zero(mpi::Session& session, Worker& worker, EngineOptions const& options,
                        Controls const& controls);

}  // namespace vaster::engine
