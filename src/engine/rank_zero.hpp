#pragma once

#include "vaster/engine/run.hpp"
#include "vaster/mpi/session.hpp"
#include "vaster/study/journal.hpp"
#include "vaster/study/listener.hpp"
#include "worker.hpp"

namespace vaster::engine {

/// The part of rank 0: lets the dispatcher decide, tells the followers, writes what is not a result. Works
/// too.
/// @param own  its worker
Totals run_rank_zero(mpi::Session& session, Worker& own, study::RankZeroJournal& journal,
                     study::Listener& listener, StartingPoint const& start, EngineOptions const& options,
                     Controls const& controls);

}  // namespace vaster::engine
