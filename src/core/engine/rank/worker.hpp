#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/messages.hpp"
#include "core/engine/rank/supervisor.hpp"
#include "core/engine/run.hpp"
#include "core/study/journal.hpp"

namespace vaster::engine {

/// The part of a run that every rank has, rank 0 among them: takes orders, lets its supervisor do the tasks,
/// commits results, reports. Knows no MPI.
class Worker {
  public:
    Worker(int rank, Supervisor& supervisor, study::Journal& journal, EngineOptions const& options);

    /// To be begun after what was taken before.
    void take(study::Task task);

    /// May plan() be called?
    [[nodiscard]] bool can_plan() const noexcept {
        return supervisor_.ready() && pending_.empty() && !kill_at_;
    }

    /// Asks the study for the experiments after these rows; the answer comes with a later step().
    void plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity, TaskLimits const& limits);

    /// The answer, once.
    [[nodiscard]] std::optional<PlanReport> take_plan() { return std::exchange(plan_, std::nullopt); }

    /// Ends what runs if it is this experiment of this task.
    void cancel(std::uint64_t task, study::ExperimentIndex index) { supervisor_.cancel(task, index); }

    /// No more work; what runs may go on for the grace time. More calls never make it longer.
    void drain() { drain_within(grace_seconds_); }

    void drain_within(double seconds);

    /// Waits until something happens, at most so long.
    /// @return what rank 0 is to know, in order
    std::vector<Report> step(double timeout_seconds);

    [[nodiscard]] bool busy() const noexcept { return supervisor_.busy(); }

  private:
    enum class Standing { resting, waiting, working, retired };

    void start_pending(std::vector<Report>& reports);
    void give_back_pending(std::vector<Report>& reports);
    void commit(study::Result const& result, std::vector<Report>& reports);
    void end(TaskReport report, double started, std::vector<Report>& reports);
    void ask_for_work(std::vector<Report>& reports);

    int rank_;
    std::string host_;
    Supervisor& supervisor_;
    study::Journal& journal_;
    double grace_seconds_;
    Standing standing_ = Standing::resting;
    study::Growth growth_;
    std::optional<PlanReport> plan_;
    std::deque<study::Task> pending_;  ///< taken, to be begun when nothing runs and the task server is ready
    std::map<study::ExperimentIndex, std::uint32_t> attempts_;  ///< of the running task
    double started_wall_ = 0;
    double last_result_ = 0;
    std::optional<double> kill_at_;
};

}  // namespace vaster::engine
