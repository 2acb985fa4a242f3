#pragma once  // Stable.

#include <vector>

#include "vaster/cli/domain.hpp"

namespace vaster::cli {

/// The whole program: reads the command line, runs the subcommand, prints errors, returns the exit code.
/// @param domains  what the program knows about; the first kind of the first one is the default
[[nodiscard]] int run_program(int argc, char** argv, std::vector<Domain> const& domains);

}  // namespace vaster::cli
