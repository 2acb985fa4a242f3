#pragma once

#include <vector>

#include "vaster/cli/domain.hpp"

/// What the domain adds to the command line and to `vaster doctor`.
namespace vaster::va {

void add_compare(CLI::App& app, cli::Program& program);
void add_diagnose(CLI::App& app, cli::Program& program);
void add_simulate(CLI::App& app, cli::Program& program);

/// The flags of a comparison for `vaster report`, and what its chapter says.
[[nodiscard]] report::OwnSections declare_comparison_chapter(CLI::App& report);

/// Trains and predicts; the probabilities are part of the fingerprint.
[[nodiscard]] std::vector<report::Finding> examine_xgboost(cli::Examined const& examined);

}  // namespace vaster::va
