#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/run/run_study.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/command_line.hpp"

namespace vaster::cli {

/// The flags of every command that runs a study: --resume, --overwrite, --ranks, --quiet, --log-file and so
/// on, and how it is run with them.
class RunFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    void add_to(Command& command);

    [[nodiscard]] bool resume() const { return resume_; }

    /// For a command that always goes on with what is there.
    void set_resume() { resume_ = true; }

    /// For a command that names its study file with another flag than --output.
    void set_study_flag(std::string flag) { options_.study_flag = std::move(flag); }

    [[nodiscard]] bool overwrite() const { return overwrite_; }

    [[nodiscard]] bool quiet() const { return options_.quiet; }

    /// Runs the study; with --ranks it becomes the launcher first.
    /// @param source  what the user gave; called on the first rank only
    /// @param afterwards  as in RunOptions
    [[nodiscard]] ExitCode run(
        Program const& program, std::function<study::ConfigSource()> const& source, Invocation invocation,
        std::function<ExitCode(std::filesystem::path const&, ExitCode)> afterwards = {}) const;

    /// Checks what can be checked before the ranks start, and prints the name of the study file.
    [[nodiscard]] ExitCode check(Program const& program, study::ConfigSource const& source) const;

  private:
    [[nodiscard]] run::RunOptions checked_options() const;

    run::RunOptions options_;
    bool resume_ = false;
    bool overwrite_ = false;
    std::optional<std::string> ranks_;  ///< as --ranks says; nothing: not given
};

}  // namespace vaster::cli
