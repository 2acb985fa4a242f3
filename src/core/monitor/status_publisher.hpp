#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/monitor/run_state.hpp"

namespace vaster::monitor {

/// A run's state as it is shown.
struct StatusTexts {
    std::string json;     ///< see status_json
    std::string metrics;  ///< see metrics_text
    std::string page;     ///< see status_page
};

/// A place where the state of a run is shown.
class StatusTarget {
  public:
    StatusTarget() = default;
    virtual ~StatusTarget() = default;
    StatusTarget(StatusTarget const&) = delete;
    StatusTarget& operator=(StatusTarget const&) = delete;

    /// Must not throw, and must not keep its caller waiting.
    virtual void show(StatusTexts const& texts) = 0;
};

/// Keeps status.json, metrics.prom and index.html in a directory. Every file is replaced as a whole. When the
/// directory can no longer be written to, that is told once on the error stream, and the run goes on; so is
/// that it can be again.
class StatusDirectory : public StatusTarget {
  public:
    /// Makes the directory. @throws IoError when it cannot be made or written to
    explicit StatusDirectory(std::filesystem::path directory);

    void show(StatusTexts const& texts) override;

  private:
    std::filesystem::path directory_;
    bool broken_ = false;
};

/// Results so far, as tables for people.
using ResultTables = std::function<std::vector<TextTable>()>;

/// Follows a run and shows its state in one place or several, at most once a second, and once more at its
/// end.
class StatusPublisher : public study::Listener {
  public:
    /// @param study_file  whose size is told
    /// @param results  asked every ten seconds, less often where that takes long; may throw Error: the page
    ///   then shows the last ones
    StatusPublisher(RunFacts facts, std::filesystem::path study_file, ResultTables results);

    void add(std::unique_ptr<StatusTarget> target) { targets_.push_back(std::move(target)); }

    void on_start(study::Progress const& progress) override;
    void on_task_start(int rank, study::Task const& task, std::string const& label) override;
    void on_commit(study::ExperimentIndex index, study::Origin const& origin) override;
    void on_task_end(int rank, study::TaskEnd const& end) override;
    void on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) override;
    void on_rank_lost(int rank) override;
    void on_notice(std::string const& text) override;
    void on_tick(study::Progress const& progress) override;
    void on_end(study::Progress const& progress) override;

  private:
    void ask_for_results();
    void publish();

    RunRecorder recorder_;
    std::filesystem::path study_file_;
    ResultTables results_;
    std::vector<std::unique_ptr<StatusTarget>> targets_;
    double published_ = 0;  ///< monotonic seconds
    double next_ask_ = 0;
};

}  // namespace vaster::monitor
