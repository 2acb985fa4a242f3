#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vaster::service {

/// How many rows came in and went out.
struct RowCounts {
    std::uint64_t read = 0;
    std::uint64_t written = 0;
    std::uint64_t missing = 0;  ///< rows for which a formula has no value
};

/// Copies the rows for which a formula holds, in their order, as they stand. A row for which it is missing is
/// left out and counted. @throws DataError with line for a formula that is neither true nor false there
RowCounts filter_rows(std::filesystem::path const& path, std::string const& formula, std::ostream& out);

/// Adds columns, each with what its formula comes to; a formula may use the columns before it. @param columns
/// name and formula of each. @throws DataError with line; DataError for a name that the table has already
RowCounts add_columns(std::filesystem::path const& path,
                      std::vector<std::pair<std::string, std::string>> const& columns, std::ostream& out);

enum class Fold { sum, min, max, count, mean, concat, first, last };

/// "sum" and its like, in order.
[[nodiscard]] std::vector<std::string> const& fold_names();

struct FoldOptions {
    std::string column;
    Fold fold = Fold::sum;
    std::vector<std::string> by = {};  ///< columns whose values make groups, in the order of their appearance
    std::optional<std::string> initial = {};  ///< enters once, before the first row; sum, min, max, concat
};

/// Brings a column to one value, or to one for each group: rows of the groups' cells and the value. Missing
/// cells do not enter. Sums and means are exact and rounded once; concat, first and last follow the order of
/// the rows.
/// @throws DataError with line for a text where numbers are folded; DataError where there is nothing to fold
/// and no initial value
[[nodiscard]] std::vector<std::vector<std::string>> fold_column(std::filesystem::path const& path,
                                                                FoldOptions const& options);

}  // namespace vaster::service
