#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vaster/engine/task_server.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::engine {

struct Frame;
struct TaskThrough;

/// How a task ended, and what its child printed.
struct TaskReport {
    study::TaskEnd end;
    std::string output;  ///< the last of the child's standard output and error; for people, not deterministic
};

/// What came of asking the study for its next experiments.
struct PlanReport {
    TaskReport report;  ///< completed, or why not
    std::vector<study::Experiment> next;
};

/// What has happened since the last look.
struct SupervisorEvents {
    std::vector<study::Result> results;  ///< in the order in which they came; before `report` in any case
    std::optional<TaskReport> report;
    std::optional<PlanReport> plan;
    std::vector<std::string> notices;  ///< worth a line in the log: a server that was started again
};

/// Runs one task at a time in a child of its task server and never lets it harm the rank: a crash, a hang,
/// out-of-memory and the death of the server itself are all ends of a task. Never blocks longer than it is
/// told. A child that got through a task gets the next one, too, while it is young and has kept little
/// memory; a task in which something is tried again has a child of its own.
class Supervisor {
  public:
    /// @param server  open
    explicit Supervisor(TaskServer server);

    /// May a task be started?
    [[nodiscard]] bool ready() const noexcept { return state_ == State::ready; }

    [[nodiscard]] bool busy() const noexcept { return state_ == State::running; }

    /// The server died again and again while starting: this slot is of no use any more.
    [[nodiscard]] bool broken() const noexcept { return state_ == State::broken; }

    [[nodiscard]] TaskServer const& server() const noexcept { return server_; }

    /// Only when ready(). A task that cannot be started ends with Failure::infrastructure.
    void start(study::Task task);

    /// Asks the study for the experiments after these rows, none of which is pending or running, in a child
    /// under the limits of a task. Only when ready(). One that cannot be begun ends as a task does.
    void plan(std::vector<study::KnownRow> const& rows, std::uint64_t memory_bytes, double timeout_seconds);

    /// Kills the running child; its task will end as Failure::interrupted.
    void interrupt();

    /// Waits until something happens, at most so long; returns what did. Enforces the time limit:
    /// Task::timeout_seconds since the task's start or its last sign (a begun experiment, a result). Time in
    /// which this process itself was stopped does not count.
    [[nodiscard]] SupervisorEvents step(double timeout_seconds);

  private:
    enum class State { ready, running, restarting, broken };
    /// Why we killed the child, if we did.
    enum class Killed {
        no,
        timeout,
        interrupt,
        lingering,  ///< it had said its last word, but did not end
    };

    /// The ends of pipes that a child is to have.
    struct Ends {
        Descriptor results;
        Descriptor output;
    };

    void begin(study::Task task);
    /// Tells the child of the task. False: there is none, or it has ended.
    [[nodiscard]] bool send_task() const;
    /// Forgets the last child and gets ready to hear another one, which is about to be forked.
    Ends tie_to_new_child(std::uint64_t number);
    /// A child that waits for a task ends for want of one.
    void part_from_child();
    void hear_through(TaskThrough const& through);
    void take_results(SupervisorEvents& events);
    void take_word(Frame const& frame, SupervisorEvents& events);
    void take_output();
    void take_server_event(SupervisorEvents& events);
    void check_deadlines(SupervisorEvents& events);
    void kill_child(Killed why);
    void end_task(std::optional<ChildExit> const& exit, std::string const& server_problem,
                  SupervisorEvents& events);
    void restart_server(SupervisorEvents& events, std::string const& why);
    void sign_of_life();
    /// Of the first fit group that is not through: the one the child works on.
    [[nodiscard]] std::vector<study::ExperimentIndex> unfinished_group() const;
    [[nodiscard]] study::TaskEnd judge(std::optional<ChildExit> const& exit,
                                       std::string const& server_problem) const;

    TaskServer server_;
    State state_ = State::ready;
    unsigned failed_starts_ = 0;

    // The last child, which may wait for another task.
    std::uint64_t children_ = 0;  ///< that take tasks, so far
    std::uint64_t child_ = 0;     ///< its number; 0: it makes a plan
    double born_ = 0;
    Descriptor tasks_;  ///< socket, while it may have another task
    Descriptor results_;
    Descriptor output_;

    // The running task. One without experiments is a plan.
    study::Task task_;
    std::vector<study::Experiment> planned_;
    std::string buffer_;  ///< bytes of a frame that is not complete
    std::string output_tail_;
    std::vector<study::ExperimentIndex> unfinished_;
    std::vector<study::ExperimentIndex>
        begun_;                           ///< what a failure is charged to; empty: all of the fit group
    std::optional<study::TaskEnd> said_;  ///< the child's own word about how it ended
    std::string start_problem_;           ///< why it has no child; empty: it has one
    std::optional<std::uint64_t> kept_peak_rss_bytes_;  ///< its peak, if it is through and may have another
    Killed killed_ = Killed::no;
    double started_ = 0;
    double deadline_ = 0;
    double killed_at_ = 0;
    double last_step_ = 0;
};

/// The study's experiments after these rows, none of which is pending or running; waits for them.
/// @param supervisor  ready
/// @throws DataError when the study cannot say
[[nodiscard]] std::vector<study::Experiment> next_experiments(Supervisor& supervisor,
                                                              std::vector<study::KnownRow> const& rows,
                                                              std::uint64_t memory_bytes,
                                                              double timeout_seconds);

}  // namespace vaster::engine
