#pragma once

#include "core/engine/rank/worker.hpp"
#include "core/engine/run.hpp"
#include "core/mpi/session.hpp"
#include "core/study/journal.hpp"
#include "core/study/listener.hpp"

namespace vaster::engine {

/// The part of rank 0: lets the dispatcher decide, tells the followers, writes what is not a result. Works
/// too.
/// @param own  its worker
Totals run_rank_zero(mpi::Session& session, Worker& own, study::RankZeroJournal& journal,
                     study::Listener& listener, StartingPoint const& start, EngineOptions const& options,
                     Controls const& controls);

}  // namespace vaster::engine
