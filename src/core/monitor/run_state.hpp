#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/study/listener.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::monitor {

/// What a run is about; does not change while it lasts.
struct RunFacts {
    std::string name;  ///< of the study
    std::string kind;
    std::string file;     ///< the study file
    std::string version;  ///< of the program
};

/// What a rank did in one task.
struct Span {
    int rank = 0;
    double started = 0;  ///< wall seconds
    double seconds = 0;
    std::string what;     ///< its first experiment's design, for people
    std::string outcome;  ///< "done", or to_text(Failure)
};

struct RankState {
    std::string what;                             ///< of the running task; empty: idle
    std::vector<study::ExperimentIndex> running;  ///< experiments of the task that have no result yet
    double since = 0;                             ///< wall seconds, of the running task
    double busy_seconds = 0;                      ///< in tasks that have ended
    std::uint64_t tasks = 0;
    std::uint64_t done = 0;
    std::uint64_t peak_rss_bytes = 0;  ///< of the children so far
    bool lost = false;                 ///< gets no more work
};

/// An attempt that yielded no result.
struct Trouble {
    study::Attempt attempt;
    bool final = false;  ///< no further attempt
    std::string label;   ///< of the experiment
};

enum class RunPhase { running, stopping, finished };

/// A run at one moment, as seen from rank 0.
struct RunState {
    RunFacts facts;
    RunPhase phase = RunPhase::running;
    double started = 0;  ///< wall seconds
    double now = 0;
    study::Progress progress;
    std::map<int, RankState> ranks;
    std::map<std::string, std::uint64_t> attempts;  ///< by outcome
    std::deque<Trouble> troubles;                   ///< the last ones, latest last
    std::deque<std::string> notices;                ///< the last ones, with their time
    std::deque<Span> spans;                         ///< the last ones, in the order in which they ended
    std::uint64_t file_bytes = 0;
    std::vector<TextTable> results;  ///< of the study so far
};

/// Share of the time since the run began in which the rank had a task, in [0, 1].
[[nodiscard]] double utilisation(RunState const& state, RankState const& rank);

/// "running", "stopping", "finished".
[[nodiscard]] std::string to_text(RunPhase phase);

/// Keeps a RunState up to date. What it keeps is bounded, however long the run.
class RunRecorder : public study::Listener {
  public:
    explicit RunRecorder(RunFacts facts);

    void on_start(study::Progress const& progress) override;
    void on_task_start(int rank, study::Task const& task, std::string const& label) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_task_end(int rank, study::TaskEnd const& end) override;
    void on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) override;
    void on_rank_lost(int rank) override;
    void on_notice(std::string const& text) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

    [[nodiscard]] RunState const& state() const noexcept { return state_; }

    /// What the recorder cannot see for itself.
    void set_file_bytes(std::uint64_t bytes) { state_.file_bytes = bytes; }

    void set_results(std::vector<TextTable> results) { state_.results = std::move(results); }

  private:
    RunState state_;
};

}  // namespace vaster::monitor
