#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vaster::csv {

/// "there is no column 'fevr', which is needed for PURPOSE; the columns are: ...; did you mean 'fever'?",
/// with the first twelve of the columns.
[[nodiscard]] std::string no_such_column(std::string_view column, std::string_view purpose,
                                         std::span<std::string const> columns);

}  // namespace vaster::csv
