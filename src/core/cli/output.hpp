#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "vaster/cli/command_line.hpp"

namespace vaster::cli {

/// The flags --output and --overwrite of subcommands that make one file.
class OutputFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    void add_to(Command& command);

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

    /// @throws UsageError when the file is there already and is not to be overwritten
    void check() const;

    /// Writes into the file, or to standard output where none is named. The file is there when all of it is
    /// written, or not at all.
    /// @throws UsageError as check(), IoError when writing fails
    void write(std::function<void(std::ostream& out)> const& fill) const;

  private:
    std::string path_;
    bool overwrite_ = false;
};

}  // namespace vaster::cli
