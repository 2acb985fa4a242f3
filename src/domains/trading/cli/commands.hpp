#pragma once

#include <vector>

#include "vaster/cli/domain.hpp"

/// What the domain adds to the command line and to `vaster doctor`.
namespace vaster::trading {

void add_market(cli::Command& app, cli::Program& program);

/// Bars of prices written into a temporary file of the study's folder, read back, asked for by time, removed:
/// by each rank for itself, for each kind of storage.
[[nodiscard]] std::vector<report::Finding> examine_storages(cli::Examined const& examined);

/// Where the study reads its bars from a market file: all ranks open that file, read all bars that the study
/// wants, and must see the same. Nothing for other studies.
[[nodiscard]] std::vector<report::Finding> examine_market_file(cli::Examined const& examined);

}  // namespace vaster::trading
