#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "vaster/support/text_table.hpp"

namespace vaster::service {

/// "1 job", "2 jobs".
[[nodiscard]] std::string counted(std::size_t n, std::string_view what);

/// As many rows of a table as the page shows (200), with a note on the others.
/// @param csv  Table::name of the table that has all
[[nodiscard]] TextTable first_rows(TextTable text, std::string const& csv);

}  // namespace vaster::service
