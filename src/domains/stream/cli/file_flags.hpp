#pragma once

#include <filesystem>
#include <string>

#include "core/cli/study_flags.hpp"
#include "domains/stream/tasks/task.hpp"
#include "vaster/cli/command_line.hpp"
#include "vaster/study/study.hpp"

namespace vaster::stream {

/// What run-file, run-batch and benchmark have in common: a task, what is taken out of records, and the keys
/// of the study that they are short for.
class FileFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    void add_to(cli::Command& command, study::Kind const& kind);

    /// The code of the task. @throws UsageError for a name that is not a task
    [[nodiscard]] std::string task() const;

    /// What the user gave, behind what follows from it: the kind, the job, the keys of --data-set, --plain.
    /// @throws UsageError, IoError
    [[nodiscard]] study::ConfigSource source() const;

    [[nodiscard]] bool is_plain() const { return plain_; }

    [[nodiscard]] std::string const& config() const { return config_; }

  private:
    /// @throws UsageError for a name that is not a task
    [[nodiscard]] TaskKind const& job() const;

    std::string task_;
    std::string config_;  ///< file; empty: none
    std::string data_set_;
    std::string actors_;
    bool plain_ = false;
    cli::StudyFlags keys_;
};

/// What a job over a stream like this data set needs: its sensor and fields, and where the job has such
/// parameters, ranges, target, length of windows and other fields.
/// @throws UsageError for a name that is not a data set
[[nodiscard]] std::vector<study::Override> keys_of_data_set(std::string const& name, TaskKind const& job);

}  // namespace vaster::stream
