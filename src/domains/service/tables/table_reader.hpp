#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/csv/csv.hpp"

namespace vaster::service {

/// A table whose cells are parted by commas, semicolons or tabs, whichever its first line has most of. It may
/// have no rows. @throws DataError, IoError as csv::CsvReader
[[nodiscard]] csv::CsvReader open_table(std::filesystem::path const& path);

/// Positions of columns by their names. @throws DataError with the nearest name for one that there is not, or
/// a name that is given twice
[[nodiscard]] std::vector<std::size_t> positions_of(csv::CsvReader const& table,
                                                    std::vector<std::string> const& names,
                                                    std::string_view purpose);

/// The cells of the current row at these positions.
[[nodiscard]] std::vector<std::string> cells_at(csv::CsvReader const& table,
                                                std::vector<std::size_t> const& positions);

}  // namespace vaster::service
