#pragma once

#include <filesystem>
#include <iosfwd>
#include <string_view>

#include "domains/service/tables/describe.hpp"
#include "domains/service/tables/rows.hpp"

namespace vaster::service {

/// Writes a row of statistics for each described column, and group, as a CSV table.
/// @throws DataError as describe()
void write_description(std::filesystem::path const& table, DescribeOptions const& options, std::ostream& out);

/// Writes the value of a column, or one for each group, as a CSV table. @throws DataError as fold_column()
void write_fold(std::filesystem::path const& table, FoldOptions const& options, std::ostream& out);

/// @param name  one of fold_names()
[[nodiscard]] Fold fold_of(std::string_view name);

}  // namespace vaster::service
