#include "base/csv/missing_column.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/nearest.hpp"

namespace vaster::csv {

std::string no_such_column(std::string_view column, std::string_view purpose,
                           std::span<std::string const> columns) {
    constexpr std::size_t n_shown = 12;
    auto const shown = columns.begin() + static_cast<std::ptrdiff_t>(std::min(n_shown, columns.size()));
    std::string const near = did_you_mean(column, columns);
    return fmt::format("there is no column '{}', which is needed for {}; the columns are: {}{}{}{}", column,
                       purpose, fmt::join(columns.begin(), shown, ", "),
                       columns.size() > n_shown ? fmt::format(", ... ({} in all)", columns.size()) : "",
                       near.empty() ? "" : "; ", near);
}

}  // namespace vaster::csv
