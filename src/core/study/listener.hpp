#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/study/journal.hpp"

namespace vaster::study {

/// Counts of a run, as the dispatcher sees them.
struct Progress {
    std::uint64_t total = 0;    ///< experiments that are to be run, skipped ones left out
    std::uint64_t most = 0;     ///< that there can be, where the plan may still grow; else the same as total
    std::uint64_t done = 0;     ///< with a result, in this run or before
    std::uint64_t resumed = 0;  ///< of them, before this run
    std::uint64_t failed = 0;
    std::uint64_t skipped = 0;
    std::uint64_t running = 0;
    double work_left_seconds = 0;  ///< expected, corrected by what was measured; of one child
    double running_seconds = 0;    ///< expected until the last of the tasks that are running now has ended
    std::uint64_t workers = 0;
    bool draining = false;
};

/// Hears what happens on rank 0. The base class does nothing. Listeners must not throw. Experiments have
/// their labels (Labels), which are empty where the run has none.
class Listener {
  public:
    Listener() = default;
    virtual ~Listener() = default;
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    virtual void on_start(Progress const& progress) { (void)progress; }

    /// A task has been handed to a rank, which has none. @param label  of its first experiment
    virtual void on_task_start(int rank, Task const& task, std::string const& label) {
        (void)rank;
        (void)task;
        (void)label;
    }

    virtual void on_commit(ExperimentIndex index, Origin const& origin) {
        (void)index;
        (void)origin;
    }

    /// @param label  of the experiment
    virtual void on_attempt_failed(Attempt const& attempt, std::string const& label, bool will_retry) {
        (void)attempt;
        (void)label;
        (void)will_retry;
    }

    /// It is not tried again.
    virtual void on_failed(ExperimentIndex index, std::string const& label, std::string const& error) {
        (void)index;
        (void)label;
        (void)error;
    }

    /// The rank's task has ended; what became of its experiments is told by the other events.
    virtual void on_task_end(int rank, TaskEnd const& end) {
        (void)rank;
        (void)end;
    }

    /// The rank gets no more work: it is gone, or cannot run tasks.
    virtual void on_rank_lost(int rank) { (void)rank; }

    /// Something worth a line in the log.
    virtual void on_notice(std::string const& text) { (void)text; }

    /// At least every half second.
    virtual void on_tick(Progress const& progress) { (void)progress; }

    virtual void on_end(Progress const& progress) { (void)progress; }
};

}  // namespace vaster::study
