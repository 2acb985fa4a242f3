#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/study/listener.hpp"

namespace vaster::monitor {

/// "debug", "info", "warning", "error", "off".
[[nodiscard]] std::vector<std::string> const& log_level_names();

/// Writes the events of a run to a log file, a line each with UTC time and level; every line is flushed at
/// once.
///   debug: also each committed experiment. info: start, end, notices. warning: attempts that failed. error:
///   experiments given up.
class LogListener : public study::Listener {
  public:
    /// Appends to the file. @throws IoError when it cannot be opened
    /// @param level  of log_level_names()
    LogListener(std::filesystem::path const& path, std::string_view level);
    ~LogListener() override;

    void on_start(study::Progress const& progress) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_attempt_failed(study::Attempt const& attempt, bool will_retry) override;
    void on_failed(study::ExperimentIndex index, std::string const& error) override;
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
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_attempt_failed(study::Attempt const& attempt, bool will_retry) override;
    void on_failed(study::ExperimentIndex index, std::string const& error) override;
    void on_notice(std::string const& text) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

  private:
    std::vector<std::unique_ptr<study::Listener>> listeners_;
};

}  // namespace vaster::monitor
