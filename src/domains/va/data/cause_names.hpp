#pragma once

#include <span>
#include <string>
#include <vector>

#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// What causes are called where people read of them, in the order of `causes`; empty where nothing says.
///
/// CohortSource::cause_names names a CSV with the columns cause and name; other columns are passed over, and
/// so are causes that the data do not have. Without it, names of va34, va46 and va55 in a raw release are in
/// its column gs_text34, gs_text46 or gs_text55; they are used where each cause has one text there. Two
/// causes of one name have their labels behind it.
/// @param causes  of the cohort
/// @throws DataError with line and column for a cause that is named twice or has an empty name, and for
/// causes of
///         the data that have no name, naming them; as CsvReader does
[[nodiscard]] std::vector<std::string> read_cause_names(CohortSource const& source,
                                                        std::span<std::string const> causes);

}  // namespace vaster::va
