#pragma once

#include <span>
#include <string_view>

#include "base/csv/csv.hpp"

namespace vaster::va {

/// Sees that a file beside the data has no column that nothing reads: what a user wrote there would have no
/// effect.
/// @param read     the columns that are read
/// @param purpose  what the file is for: "given splits (data.splits)"
/// @throws DataError with all other columns, their positions and the nearest names
void require_columns_read(csv::CsvReader const& reader, std::span<std::string_view const> read,
                          std::string_view purpose);

}  // namespace vaster::va
