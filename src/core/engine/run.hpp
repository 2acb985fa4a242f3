#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "core/engine/rank/supervisor.hpp"
#include "core/engine/rank0/dispatcher.hpp"
#include "core/engine/rank0/retry.hpp"
#include "core/engine/signals.hpp"
#include "core/mpi/session.hpp"
#include "core/study/growth.hpp"
#include "core/study/journal.hpp"
#include "core/study/listener.hpp"

namespace vaster::engine {

struct EngineOptions {
    RetryPolicy retry;
    TaskLimits limits;
    double drain_grace_seconds = 0.5;  ///< how long a running child may go on when the run is to stop
    double drain_limit_seconds =
        4;                        ///< after which rank 0 no longer waits for workers when the run is to stop
    double sign_seconds = 1;      ///< how often a rank gives a sign of life
    double silence_seconds = 10;  ///< a rank without a sign for so long counts as lost
    double time_limit_seconds = std::numeric_limits<double>::infinity();  ///< for the run, from its start
    study::Growth growth = study::Growth::none;
    /// After so many experiments have been given up nothing more is begun; nothing: however many.
    std::optional<std::uint64_t> most_failures = {};
    /// Told at the end, on rank 0, what was measured in this study.
    std::function<void(std::vector<study::MeasuredCost> const&)> on_costs = [](auto const&) {};
    /// What people call an experiment, from its design; empty: by its index.
    std::function<std::string(study::Cells const&)> label_of = [](auto const&) { return std::string(); };
};

/// Experiments that are not to be run, whatever becomes of the others.
struct CancelList {
    bool all = false;
    std::set<ExperimentId> some = {};

    [[nodiscard]] bool has(ExperimentId id) const { return all || some.contains(id); }

    [[nodiscard]] bool empty() const noexcept { return !all && some.empty(); }
};

/// What may be asked of a run from outside; each is called often, on every rank.
struct Controls {
    std::function<Stop()> stop = [] { return Stop::no; };
    /// Is a line wanted about who does what? Answers once for each time it is. Heard on rank 0.
    std::function<bool()> status_wanted = [] { return false; };
    /// What is cancelled. Asked once a second, on rank 0.
    std::function<CancelList()> cancelled = [] { return CancelList(); };
};

/// How a run ended; the same on all ranks.
struct Totals {
    std::uint64_t done = 0;        ///< with a result, in this run or before
    std::uint64_t failed = 0;      ///< given up, in this run or before
    std::uint64_t left = 0;        ///< neither: to be done by `--resume`
    std::uint64_t lost_ranks = 0;  ///< more than 0: leave without MPI_Finalize, which would wait for them
    bool drained = false;          ///< stopped because somebody asked for it
    bool unplanned = false;        ///< stopped before a growing plan had its last experiments
    bool orphaned = false;         ///< rank 0 is lost; the other numbers are not known then
    /// Nothing was begun: nothing that is left was expected to end in the time of this run. Another run with
    /// as much time comes no further.
    bool too_little_time = false;
    std::uint64_t skipped = 0;    ///< that the plan leaves out
    std::uint64_t committed = 0;  ///< results of this run; when rank 0 is lost, this rank's alone

    /// Everything there was to do has its result.
    [[nodiscard]] bool complete() const noexcept {
        return failed == 0 && left == 0 && !unplanned && !orphaned;
    }

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& done& failed& left& lost_ranks& drained& unplanned& orphaned& too_little_time& skipped&
            committed;
    }
};

/// Runs the experiments on all ranks of the session; every rank must call it. Rank 0 hands out fit groups and
/// works too. Each rank commits its own results to its own journal as they arrive and then tells rank 0; rank
/// 0 writes everything else. Where a plan grows, rank 0's study is asked for the next experiments whenever
/// all that are known are done, failed for good or skipped.
/// @param supervisor  this rank's
/// @param journal     this rank's
/// @param rank_zero_journal  used on rank 0 only
/// @param listener    heard on rank 0 only
/// @param start       used on rank 0 only
/// @param controls    once one rank is asked to stop, the run stops within 5 s
/// @return the totals, the same on all ranks, which leave in step. When rank 0 is lost, the others return by
/// themselves, with `orphaned`, after having committed what was finished.
/// @throws DataError when a growing plan cannot go on
/// @throws what the journal throws
Totals run_study(mpi::Session& session, Supervisor& supervisor, study::Journal& journal,
                 study::RankZeroJournal& rank_zero_journal, study::Listener& listener,
                 StartingPoint const& start, EngineOptions const& options, Controls const& controls);

}  // namespace vaster::engine
