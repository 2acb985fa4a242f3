#pragma once

#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "core/study/listener.hpp"

namespace vaster::monitor {

/// The state of a run in one line: "12/40 done (30 %), 3.1/s, 9 s left, 2 running, 1 failed".
/// @param elapsed_seconds  since the run began
[[nodiscard]] std::string progress_line(study::Progress const& progress, double elapsed_seconds);

/// What people call an experiment: by its label, or "experiment 7" where it has none.
[[nodiscard]] std::string name_of(std::string const& label, study::ExperimentIndex index);

/// Expected seconds until the end: what is left, shared by all workers, and no less than what runs now takes.
/// NaN where nobody works.
[[nodiscard]] double seconds_left(study::Progress const& progress);

/// What a rank works on.
struct RankWork {
    int rank = 0;
    std::string what;    ///< "out_domain AP UP xgboost"
    double seconds = 0;  ///< since it began
};

/// The line of a terminal: `line`, and behind it what runs on which rank, the longest first, as many as fit:
/// "12/40 done (30 %), 3.1/s, 9 s left, 2 running | rank 1, 12 s: out_domain AP UP xgboost | rank 0, ..."
/// @param width  columns of the terminal; the line stays below it. A character counts as one column.
[[nodiscard]] std::string live_line(std::string const& line, std::vector<RankWork> work, std::size_t width);

/// Where progress goes: one line that is rewritten on a terminal, a plain line every few seconds in a log
/// file.
enum class Display { terminal, log };

/// terminal if the stream ends in one that can rewrite a line: directly, or through an mpirun on this host,
/// which hands on what it reads from its ranks.
[[nodiscard]] Display display_for(std::FILE* stream);

/// Shows the progress of a run on a stream, and what people must know: failures and notices, a line each.
/// A stream that cannot be written to, or that nobody reads, costs what was to be shown, and nothing else.
class ProgressDisplay : public study::Listener {
  public:
    ProgressDisplay(std::FILE* stream, Display display);

    void on_start(study::Progress const& progress) override;
    void on_task_start(int rank, study::Task const& task, std::string const& label) override;
    void on_task_end(int rank, study::TaskEnd const& end) override;
    void on_rank_lost(int rank) override;
    void on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) override;
    void on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) override;
    void on_notice(std::string const& text) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

  private:
    struct Running {
        std::string what;
        double since = 0;  ///< monotonic seconds
    };

    void show(study::Progress const& progress);
    void say(std::string const& line);
    void write(std::string const& text);
    [[nodiscard]] std::vector<RankWork> work() const;

    std::FILE* stream_;
    Display display_;
    std::map<int, Running> running_;  ///< by rank
    double started_ = 0;
    double shown_ = 0;
    bool line_open_ = false;  ///< a rewritten line stands on the terminal without its end
};

/// Where nothing else is shown: the first experiment that is given up, a line on standard error.
class FirstFailure : public study::Listener {
  public:
    void on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) override;

  private:
    bool seen_ = false;
};

}  // namespace vaster::monitor
