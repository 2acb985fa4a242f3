#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string_view>

#include "vaster/study/study.hpp"

namespace vaster::trading {

inline constexpr std::string_view evolve_kind = "evolve";

/// Trading strategies that evolve: each experiment is one individual, a seed with genes, judged on the
/// training bars of a window; each stage of the plan is a generation. docs/trading/evolve.md
[[nodiscard]] std::unique_ptr<study::Kind> make_evolve();

/// Writes the bars of an evolution's configuration as CSV, as `data.path` takes it: columns symbol,
/// timestamp, open, high, low, close, volume, and funding_rate where there is one. Numbers have 17
/// significant digits, so that the same bars are read back. @throws DataError
void write_bars(study::Config const& config, std::ostream& out);

/// The same bars as a new market file, in place of what is there. @throws DataError, IoError
void store_bars(study::Config const& config, std::filesystem::path const& path);

}  // namespace vaster::trading
