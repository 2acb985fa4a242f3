#pragma once

#include "vaster/cli/command.hpp"

namespace vaster::service {

/// vaster table: statistics and formulas over the rows of a table.
void add_table(cli::Command& app, cli::Program& program);

}  // namespace vaster::service
