#pragma once

#include <memory>

#include "vaster/cli/command.hpp"

/// What the domain adds to the command line.
namespace vaster::stream {

/// `vaster stream` and its subcommands.
/// @param kind  the kind `stream`, whose keys are flags; not null
void add_stream(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind);

// Its subcommands, one a function.
void add_list(cli::Command& stream, cli::Program& program);
void add_simulate(cli::Command& stream, cli::Program& program);
void add_import(cli::Command& stream, cli::Program& program);
void add_metrics(cli::Command& stream, cli::Program& program);
void add_run_file(cli::Command& stream, cli::Program& program, study::Kind const& kind);
void add_run_batch(cli::Command& stream, cli::Program& program, study::Kind const& kind);
void add_rate(cli::Command& stream, cli::Program& program, study::Kind const& kind);
void add_peak(cli::Command& stream, cli::Program& program, study::Kind const& kind);
void add_benchmark(cli::Command& stream, cli::Program& program, study::Kind const& kind);

}  // namespace vaster::stream
