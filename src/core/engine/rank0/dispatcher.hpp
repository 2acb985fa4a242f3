#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/rank0/ranks.hpp"
#include "core/engine/rank0/retry.hpp"
#include "core/engine/rank0/schedule.hpp"
#include "core/study/growth.hpp"
#include "core/study/listener.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/own_limits.hpp"

namespace vaster::engine {

/// Where a run starts from: what is to be done, and what had been done before.
struct StartingPoint {
    study::PackedPlan to_do;    ///< in order of index, none with a skip reason
    std::uint64_t resumed = 0;  ///< done before this run
    std::uint64_t skipped = 0;
    std::uint64_t failed = 0;                           ///< in an earlier run, and not to be tried again
    std::vector<study::MeasuredCost> known_costs;       ///< of earlier runs
    std::vector<study::MeasuredCost> remembered_costs;  ///< of other studies
    std::vector<study::KnownRow> rows;                  ///< all of the plan, where it may grow; else none
    std::uint64_t capacity = 0;                         ///< rows there can be, where it may grow; else 0
};

/// Threads of a task.
struct TaskThreads {
    /// Of every task; nothing: as many as its rank has cores, where fewer fit groups are left than all ranks
    /// have cores; else one.
    std::optional<std::uint32_t> of_each = 1;
    std::vector<std::uint32_t> cores = {};  ///< that each rank has to itself; empty: one
};

/// Limits of a task.
struct TaskLimits {
    std::uint64_t memory_bytes = std::uint64_t{4} << 30U;
    double timeout_seconds = 3600;
    /// Short fit groups are handed out together, as many as are expected to take so long by what has been
    /// measured, so that forking a child for them costs little. A group that had trouble goes alone.
    double bundle_seconds = 0.5;
    unsigned workers = 1;  ///< that share the work: near the end each gets less at once
    OwnLimitsOf own = {};
    TaskThreads threads = {};
};

enum class Decision {
    retry,    ///< charged, and tried again
    requeue,  ///< not charged, goes back
    give_up,  ///< charged, and its budget is used up
};

/// What becomes of an experiment whose task ended before its result came.
struct Verdict {
    study::ExperimentIndex index = 0;
    Decision decision = Decision::requeue;
    study::Cells design = {};   ///< of the experiment
    std::uint32_t attempt = 1;  ///< the one that ended
    std::string error;          ///< why, deterministic: "crash: killed by signal SIGSEGV"
};

/// Decides which worker does what, and what becomes of what failed: a state machine without MPI, clock or
/// files. Workers are the numbers of their ranks; `now` is in seconds from any fixed moment and never goes
/// back.
class Dispatcher {
  public:
    /// @param ranks  so many there are
    Dispatcher(StartingPoint const& start, RetryPolicy policy, TaskLimits limits, int ranks);

    /// More experiments to do; skipped ones are only counted.
    void add(std::vector<study::Experiment> const& experiments);

    /// The next task for a worker that has none, if there is something for it to do now.
    [[nodiscard]] std::optional<study::Task> next(int worker, double now);

    /// A short task to be prefetched by a worker that does another short one, so that it need not wait for
    /// the next. None near the end, where it would wait at a busy worker while others have nothing to do.
    /// Whatever the answer, the worker's state is `working` from then on, not `begun`.
    [[nodiscard]] std::optional<study::Task> prefetch(int worker, double now);

    /// A worker has committed a result, so many seconds after the one before, or after the task's start.
    /// False: that was known already.
    bool on_committed(int worker, study::ExperimentIndex index, double seconds);

    /// A worker's task ended, or was given back; it continues with the prefetched one. A report of a task
    /// that the worker does not have is ignored.
    /// @return a verdict for each experiment of the task without a result
    std::vector<Verdict> on_task_end(int worker, study::TaskEnd const& end, double now);

    /// A worker is gone; what it worked on goes to others.
    std::vector<Verdict> on_worker_lost(int worker, double now);

    /// A worker lives but cannot do tasks any more; what it had goes to others.
    std::vector<Verdict> on_worker_retired(int worker, double now);

    /// Gives up all experiments of this kind that nobody works on. @return a verdict for each
    std::vector<Verdict> cancel(std::function<bool(study::Experiment const&)> const& unwanted);

    /// An experiment that a worker works on.
    struct AtWork {
        int worker = 0;
        std::uint64_t task = 0;
        study::ExperimentIndex index = 0;
    };

    /// Those of this kind that workers have, begun or not.
    [[nodiscard]] std::vector<AtWork> at_work(
        std::function<bool(study::Experiment const&)> const& wanted) const;

    /// Who is doing what. What is heard of the ranks beside their tasks is noted in there.
    [[nodiscard]] Ranks& ranks() noexcept { return ranks_; }

    [[nodiscard]] Ranks const& ranks() const noexcept { return ranks_; }

    /// From now on nothing is handed out.
    void drain() noexcept { draining_ = true; }

    [[nodiscard]] bool draining() const noexcept { return draining_; }

    /// Nothing is handed out from now on that is not expected to end before this time.
    void set_deadline(double deadline) noexcept { deadline_ = deadline; }

    /// Nobody works, and there is nothing more to hand out; nothing that could end in time, if there is a
    /// deadline.
    [[nodiscard]] bool finished(double now) const;

    /// Finished, but only because what is left cannot end before the deadline.
    [[nodiscard]] bool out_of_time(double now) const {
        return !draining_ && finished(now) && !schedule_.empty();
    }

    /// The least that any batch which nobody works on is expected to take [s]; 0 where there is none.
    [[nodiscard]] double shortest_seconds() const { return schedule_.shortest_seconds(costs_); }

    /// What the worker works on, and since when; no experiments: nothing.
    struct Doing {
        std::vector<study::ExperimentIndex> experiments;
        double since = 0;
    };

    [[nodiscard]] Doing doing(int worker) const;

    [[nodiscard]] bool working(int worker) const { return ranks_[worker].task.has_value(); }

    /// Counts, and the time that is left; the number of workers is the caller's to fill in. A task that takes
    /// longer than expected is expected to go on for as long as it is overdue, and so are the others of its
    /// cost key as long as none has been measured in this study.
    [[nodiscard]] study::Progress progress(double now) const;

    [[nodiscard]] CostBook const& costs() const noexcept { return costs_; }

  private:
    /// A task of these.
    [[nodiscard]] RetryPolicy policy_of(OpenExperiment const& member) const;
    [[nodiscard]] std::uint64_t memory_of(OpenExperiment const& member) const;
    [[nodiscard]] HandedOut assign(int worker, std::vector<Batch> const& bundle, double now);
    [[nodiscard]] std::uint32_t threads_of(int worker, std::vector<Batch> const& bundle) const;
    /// What prefetch() hands out.
    [[nodiscard]] std::vector<Batch> take_bundle_to_prefetch(int worker, double now);
    /// Adds what is next until the bundle is full.
    void fill(std::vector<Batch>& bundle, double most_seconds, double now);
    /// Expected, corrected. [s]
    [[nodiscard]] double seconds_of(Batch const& batch) const;
    /// Sends half of a fit group back where that is worth a second fit.
    void divide(Batch& batch, double now);
    /// Would others wait for it in the end, and do its evaluations take long? As long as nobody knows that:
    /// are there workers that would get nothing else?
    [[nodiscard]] bool worth_dividing(Batch const& batch) const;
    std::vector<Verdict> take_back(int worker, double now);
    std::vector<Verdict> judge_all(Assignment& assignment, study::TaskEnd const& end, double now);

    /// Has the host enough memory for what the experiment would be given next?
    [[nodiscard]] bool can_grow(OpenExperiment const& member, study::TaskEnd const& end) const;
    Verdict judge(OpenExperiment& member, study::TaskEnd const& end, bool blamed) const;
    [[nodiscard]] double delay_after(study::Failure failure, OpenExperiment const& member) const;
    /// Fit groups for one task; none if there is nothing to do now.
    [[nodiscard]] std::vector<Batch> take_bundle(double now);
    /// What a completed task has taught.
    void learn(Assignment const& assignment, double seconds);
    [[nodiscard]] double bundle_seconds() const;
    /// Expected, corrected, of all that is not done or given up. [s]
    [[nodiscard]] double work_left() const;
    /// How many times longer than in its child a task takes at its rank, which hands it on and commits what
    /// comes out: much where tasks are tiny, or the machine is busy. At least 1.
    [[nodiscard]] double overhead() const;
    void add_time_left(study::Progress& progress, double now) const;
    void put_back(Batch rest, double due);
    void schedule(study::PackedPlan const& experiments);
    void no_longer_left(study::Experiment const& experiment);

    RetryPolicy policy_;
    TaskLimits limits_;
    CostBook costs_;
    Schedule schedule_;
    Ranks ranks_;
    std::map<std::string, study::MeasuredCost>
        evaluations_;                  ///< all results but the first of each fit, by key
    std::set<std::uint64_t> divided_;  ///< fit groups
    std::map<std::string, double>
        seconds_left_;                ///< expected, by cost key, of all that is not done or given up
    double seconds_at_ranks_ = 0;     ///< that completed tasks took, from one's end to the next one's
    double seconds_in_children_ = 0;  ///< of the same tasks
    std::uint64_t tasks_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t resumed_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint64_t failed_ = 0;
    bool draining_ = false;
    double deadline_ = std::numeric_limits<double>::infinity();
};

}  // namespace vaster::engine
