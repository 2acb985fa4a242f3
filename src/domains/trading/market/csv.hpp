#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/trading/market/bars.hpp"

namespace vaster::market {

/// What to do where bars are further apart than elsewhere.
enum class Gaps {
    refuse,  ///< an error that names them
    allow,   ///< the bars are taken as they follow each other
};

struct CsvRules {
    std::string symbol;  ///< of a table without a column `symbol`; "": the file's name
    Gaps gaps = Gaps::refuse;
    std::size_t max_bars = 50'000'000;  ///< more are refused: they would not fit into memory
};

/// Reads bars of one or several assets from a CSV table. Columns by name, in any order, others are passed
/// over: timestamp (or time, date, datetime; see parse_time), open, high, low, close, volume, and if there
/// are any symbol and funding_rate. The rows of an asset must be in ascending order; assets may be mixed.
/// @returns one Bars an asset, in the order of their first rows
/// @throws DataError that names the first ten lines that are wrong and how many there are: no number, a price
/// that is not positive, high below low, open or close outside of them, negative volume, a time that is there
/// twice, a time before that of the row before, a gap
[[nodiscard]] std::vector<Bars> read_csv(std::filesystem::path const& path, CsvRules const& rules = {});

}  // namespace vaster::market
