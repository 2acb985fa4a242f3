#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/engine/child/frames.hpp"
#include "core/engine/rank/supervisor.hpp"
#include "core/engine/rank/task_server.hpp"
#include "vaster/study/experiment.hpp"

/// What a supervisor lets a child do, and what is to be said of its end. Nothing here makes a system call.
namespace vaster::engine {

/// A task that a child does.
struct RunningTask {
    explicit RunningTask(study::Task one);

    void on_result(study::ExperimentIndex index);

    [[nodiscard]] bool waits_for(study::ExperimentIndex index) const;

    /// What a failure is charged to: what the child has begun, else the first fit group without all results.
    [[nodiscard]] std::vector<study::ExperimentIndex> to_blame() const;

    study::Task task;
    std::vector<study::ExperimentIndex> unfinished;
    std::vector<study::ExperimentIndex> begun;
    /// Its child's peak, when it is through and the child may have another one.
    std::optional<std::uint64_t> peak_of_waiting_child;
};

/// A child asks the study for its next experiments.
struct RunningPlan {
    std::optional<std::vector<study::Experiment>> next;  ///< the answer
};

/// Why we killed a child.
struct Kill {
    enum class Why {
        timeout,
        interrupt,
        lingering,  ///< it had said its last word, but did not end
        cancel,     ///< somebody has cancelled what it had begun
    };
    Why why = Why::timeout;
    double at = 0;  ///< [s]
};

/// What is under way, from the moment it is asked for until its end is told.
struct Running {
    using What = std::variant<RunningTask, RunningPlan>;

    /// @param memory_limit   for the child [bytes]
    /// @param time_limit     between two signs of progress [s]
    /// @param now            [s]
    Running(What one, std::uint64_t memory_limit, double time_limit, double now);

    What what;
    std::uint64_t memory_bytes;
    double timeout_seconds;
    double started;             ///< [s]
    double deadline;            ///< by which there must be a sign of progress [s]
    std::string start_problem;  ///< why there is no child for it; empty: there is
    std::string output_tail;
    std::optional<study::TaskEnd> last_word;  ///< the child's own, about how it ended
    std::optional<Kill> kill;

    [[nodiscard]] RunningTask* task() { return std::get_if<RunningTask>(&what); }

    [[nodiscard]] RunningTask const* task() const { return std::get_if<RunningTask>(&what); }

    /// Has all come that was asked for?
    [[nodiscard]] bool completed() const;

    /// A sign of progress.
    void sign_of_life(double now) { deadline = now + timeout_seconds; }

    /// So many seconds do not count.
    void postpone(double seconds);

    /// What the child says.
    /// @param results  that come are appended
    /// @throws std::exception when it cannot be understood, or was not asked for
    void hear(Frame const& frame, std::vector<study::Result>& results);

    /// Nothing that the child says can be believed any more.
    void distrust(std::string const& why);

    /// How it ended.
    /// @param exit            of the child; none: it goes on, or its server knows nothing of it
    /// @param server_problem  why, then
    [[nodiscard]] study::TaskEnd judge(std::optional<ChildExit> const& exit,
                                       std::string const& server_problem, double now) const;

    /// The end as an event.
    void report(study::TaskEnd end, SupervisorEvents& events);

  private:
    [[nodiscard]] study::TaskEnd why_not_completed(std::optional<ChildExit> const& exit,
                                                   std::string const& server_problem) const;
};

}  // namespace vaster::engine
