#pragma once

#include <memory>

#include "vaster/cli/command.hpp"

namespace vaster::service {

/// vaster jobs: commands and table operations over the ranks. @param kind  of their studies
void add_jobs(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind);

/// vaster solve: optimisation problems with checked answers. @param kind  of their studies
void add_solve(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind);

/// vaster table: statistics and formulas over the rows of a table.
void add_table(cli::Command& app, cli::Program& program);

}  // namespace vaster::service
