#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/study/listener.hpp"

namespace vaster::monitor {

/// "debug", "info", "warning", "error", "off".
[[nodiscard]] std::vector<std::string> const& log_level_names();

/// "text", "json".
[[nodiscard]] std::vector<std::string> const& log_format_names();

/// Writes the events of a run to a log file, a line each, flushed at once. A line has UTC time, level, rank,
/// component (dispatcher, worker, store), the experiment where it is about one, and a sentence:
///   text: 2026-11-22T10:04:05.123Z info rank=0 dispatcher: start: 0/40 done (0 %)
///   json: {"time":..., "level":..., "rank":..., "component":..., "experiment":..., "message":...}
/// A sentence of several lines stays on one, with the line ends as \n.
///   debug: also each task and committed experiment. info: start, end, notices. warning: attempts that
///   failed, ranks that were lost. error: experiments given up.
/// Ranks tell rank 0 what happens as it happens, in their order; so what a rank had told before it died is in
/// the log.
class LogListener : public study::Listener {
  public:
    /// Appends to the file. @throws IoError when it cannot be opened
    /// @param level   of log_level_names()
    /// @param format  of log_format_names()
    LogListener(std::filesystem::path const& path, std::string_view level, std::string_view format);
    ~LogListener() override;

    void on_start(study::Progress const& progress) override;
    void on_task_start(int rank, study::Task const& task, std::string const& label) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_task_end(int rank, study::TaskEnd const& end) override;
    void on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) override;
    void on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) override;
    void on_rank_lost(int rank) override;
    void on_notice(std::string const& text) override;
    void on_end(study::Progress const& progress) override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Passes every event on to several listeners.
class Listeners : public study::Listener {
  public:
    void add(std::unique_ptr<study::Listener> listener);

    void on_start(study::Progress const& progress) override;
    void on_task_start(int rank, study::Task const& task, std::string const& label) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_task_end(int rank, study::TaskEnd const& end) override;
    void on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) override;
    void on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) override;
    void on_rank_lost(int rank) override;
    void on_notice(std::string const& text) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

  private:
    std::vector<std::unique_ptr<study::Listener>> listeners_;
};

}  // namespace vaster::monitor
