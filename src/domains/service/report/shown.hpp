#pragma once

#include <string>

#include "vaster/support/text_table.hpp"

namespace vaster::service {

/// As many rows of a table as the page shows (200), with a note on the others.
/// @param csv  Table::name of the table that has all
[[nodiscard]] TextTable first_rows(TextTable text, std::string const& csv);

}  // namespace vaster::service
