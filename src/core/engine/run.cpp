#include "core/engine/run.hpp"

#include "core/engine/rank/follower.hpp"
#include "core/engine/rank/wary_journal.hpp"
#include "core/engine/rank/worker.hpp"
#include "core/engine/rank0/rank_zero.hpp"
#include "core/engine/signs.hpp"

namespace vaster::engine {

Totals run_study(mpi::Session& session, Supervisor& supervisor, study::Journal& journal,
                 study::RankZeroJournal& rank_zero_journal, study::Listener& listener,
                 StartingPoint const& start, EngineOptions const& options, Controls const& controls) {
    WaryJournal wary(journal, [&] {
        if (session.rank() != 0) session.leave_if_stopped_for(longest_stop(options.silence_seconds));
    });
    Worker worker(session.rank(), supervisor, wary, options);
    if (session.rank() != 0) return follow_rank_zero(session, worker, options, controls);
    return run_rank_zero(session, worker, rank_zero_journal, listener, start, options, controls);
}

}  // namespace vaster::engine
