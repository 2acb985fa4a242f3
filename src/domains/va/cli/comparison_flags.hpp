#pragma once

#include "domains/va/report/comparison.hpp"
#include "vaster/cli/command_line.hpp"

namespace vaster::va {

/// Adds --metric and --bootstrap: what `compare` and `report` share. The options must outlive the subcommand.
void add_comparison_flags(cli::Command& command, ComparisonOptions& options);

}  // namespace vaster::va
