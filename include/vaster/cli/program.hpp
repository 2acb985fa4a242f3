#pragma once

namespace vaster::cli {

/// The whole program: reads the command line, runs the subcommand, prints errors, returns the exit code.
[[nodiscard]] int run_program(int argc, char** argv);

}  // namespace vaster::cli
