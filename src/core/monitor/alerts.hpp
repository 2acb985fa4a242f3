#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/study/listener.hpp"
#include "vaster/study/config.hpp"

namespace vaster::monitor {

/// Commands of the user that are run when something happens; an empty one is never run. Table [alerts].
struct AlertOptions {
    std::string on_first_failure;  ///< the first experiment was given up
    std::string on_failures;       ///< the share of experiments given up went above failure_share
    double failure_share = 0.1;    ///< of all experiments of the study
    std::string on_stall;          ///< no result for stall_seconds while there is work
    double stall_seconds = 1800;
    std::string on_finish;        ///< the run ended, completely or not
    double timeout_seconds = 60;  ///< a command that runs longer is killed
};

/// The keys of table [alerts], all without effect on results.
[[nodiscard]] AlertOptions alert_options(study::Config const& config);

/// Runs the commands. Each goes to /bin/sh in a process group of its own, with its standard input empty and
/// in its environment VASTER_EVENT (first_failure, failures, stall, finish), VASTER_REASON (a sentence),
/// VASTER_STUDY (name), VASTER_FILE, VASTER_TOTAL, VASTER_DONE, VASTER_FAILED, VASTER_LEFT. Nothing that a
/// command does hurts the run, which waits for none but, at its end and no longer than the timeout, those
/// that still run.
class Alerts : public study::Listener {
  public:
    Alerts(AlertOptions options, std::string study_name, std::string study_file);
    ~Alerts() override;

    void on_start(study::Progress const& progress) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

  private:
    struct Running {
        pid_t pid = 0;
        double deadline = 0;  ///< monotonic seconds
        std::string event;
        std::string text;
    };

    void raise(std::string_view event, std::string const& command, std::string const& reason);
    void look_after_commands();
    static void tell_failure(Running const& command, int status);

    AlertOptions options_;
    std::string study_name_;
    std::string study_file_;
    study::Progress progress_;
    std::optional<std::string> first_failure_;
    bool first_failure_told_ = false;
    bool failures_told_ = false;
    bool stall_told_ = false;
    double last_result_ = 0;  ///< monotonic seconds
    std::vector<Running> running_;
};

}  // namespace vaster::monitor
