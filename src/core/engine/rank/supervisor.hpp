#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/rank/task_server.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::engine {

/// Begins the message of a task that was ended since somebody has cancelled what it had begun.
inline constexpr std::string_view cancelled_text = "cancelled";

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
    Supervisor(Supervisor&&) noexcept;
    Supervisor& operator=(Supervisor&&) = delete;
    Supervisor(Supervisor const&) = delete;
    Supervisor& operator=(Supervisor const&) = delete;
    ~Supervisor();

    /// May a task be started?
    [[nodiscard]] bool ready() const noexcept;

    [[nodiscard]] bool busy() const noexcept;

    /// The server could not be started several times in a row: this rank cannot run tasks any more.
    [[nodiscard]] bool broken() const noexcept;

    [[nodiscard]] TaskServer const& server() const noexcept;

    /// Only when ready(). A task that cannot be started ends with Failure::infrastructure.
    void start(study::Task task);

    /// Asks the study for the experiments after these rows, none of which is pending or running, in a child
    /// under the limits of a task. Only when ready(). One that cannot be begun ends as a task does.
    void plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity, std::uint64_t memory_bytes,
              double timeout_seconds);

    /// Kills the running child; its task will end as Failure::interrupted.
    void interrupt();

    /// Kills the running child if it is the task of that number and has begun the experiment; the task will
    /// end as Failure::error, with cancelled_text.
    void cancel(std::uint64_t task, study::ExperimentIndex index);

    /// Waits until something happens, at most so long; returns what did. Enforces the time limit:
    /// Task::timeout_seconds since the task's start or its last sign (a begun experiment, a result). Time in
    /// which this process itself was stopped does not count.
    [[nodiscard]] SupervisorEvents step(double timeout_seconds);

  private:
    struct Lives;
    std::unique_ptr<Lives> lives_;
};

/// The study's experiments after these rows, none of which is pending or running; waits for them.
/// @param supervisor  ready
/// @throws DataError when the study cannot say
[[nodiscard]] std::vector<study::Experiment> next_experiments(Supervisor& supervisor,
                                                              std::vector<study::KnownRow> const& rows,
                                                              std::uint64_t capacity,
                                                              std::uint64_t memory_bytes,
                                                              double timeout_seconds);

}  // namespace vaster::engine
