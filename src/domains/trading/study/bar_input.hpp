#pragma once

#include <span>
#include <string>
#include <vector>

#include "domains/trading/market/bars.hpp"
#include "vaster/study/input.hpp"

namespace vaster::trading {

/// Bars of several assets as data that a study file keeps: /inputs/bars, a row a bar, asset after asset.
/// Columns time, open, high, low, close, volume, funding_rate (NaN: unknown) and asset, which points into the
/// labels of asset_labels().
[[nodiscard]] study::Input input_of(std::span<market::Bars const> assets);

/// The symbols, in order: a list of the schema.
[[nodiscard]] study::LabelList asset_labels(std::span<market::Bars const> assets);

/// The bars back, bit by bit. @throws DataError when there are none, or not with these columns
[[nodiscard]] std::vector<market::Bars> assets_of(study::KeptData const& kept);

}  // namespace vaster::trading
