#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "domains/service/exact/moments.hpp"

namespace vaster::service {

struct DescribeOptions {
    std::vector<std::string> columns = {};  ///< empty: all but those of `by`
    std::vector<std::string> by = {};  ///< columns whose values make groups; empty: one group of all rows
    std::vector<double> probabilities = {0.025, 0.25, 0.5, 0.75, 0.975};  ///< in [0, 1]
    /// Numbers that are kept in memory to find quantiles; of more the file is read four times more for every
    /// so many.
    std::uint64_t most_in_memory = std::uint64_t{1} << 24U;
};

/// One column of one group.
struct ColumnDescription {
    std::vector<std::string> group;  ///< as DescribeOptions::by
    std::string column;
    std::uint64_t texts = 0;                       ///< cells that are neither empty nor numbers
    Moments moments;                               ///< of the cells that are numbers
    std::vector<std::optional<double>> quantiles;  ///< type 7; nothing: there are no numbers
};

/// Groups in the order in which they appear, columns as asked for. Exact: the same bits whatever the order of
/// the rows.
/// @throws DataError, IoError as TableReader; DataError for a column that there is not
[[nodiscard]] std::vector<ColumnDescription> describe(std::filesystem::path const& path,
                                                      DescribeOptions const& options);

}  // namespace vaster::service
