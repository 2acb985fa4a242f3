#pragma once

#include "domains/va/report/comparison.hpp"

namespace CLI {
class App;
}

namespace vaster::va {

/// Adds --metric and --bootstrap: what `compare` and `report` share. The options must outlive the subcommand.
void add_comparison_flags(CLI::App& command, ComparisonOptions& options);

}  // namespace vaster::va
