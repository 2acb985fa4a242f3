#pragma once

#include <string>
#include <vector>

#include "core/report/tables.hpp"
#include "vaster/cli/command_line.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::cli {

/// The flags --csv, --json, --table and --output of subcommands whose result is a document of tables.
class DocumentFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    /// @param standard_table  the one that --csv writes without --table
    void add_to(Command& command, std::string standard_table);

    /// Writes the document as the flags say: JSON, one table as CSV, or else the tables for people.
    /// @throws UsageError when there is no table of the name that was given, IoError when writing fails
    void write(report::Document const& document, std::vector<TextTable> const& text) const;

  private:
    bool csv_ = false;
    bool json_ = false;
    std::string table_;
    std::string output_;
};

}  // namespace vaster::cli
