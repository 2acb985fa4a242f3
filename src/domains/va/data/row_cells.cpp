#include "domains/va/data/row_cells.hpp"

#include <algorithm>

#include "vaster/support/errors.hpp"

namespace vaster::va {

std::uint32_t death_in_cell(csv::CsvReader const& reader, std::size_t column, Cohort const& cohort) {
    std::string_view const text = reader.cells()[column];
    auto const row = number_in<std::uint32_t>(text);
    require<DataError>(row.has_value(), "{}: '{}' is not a row number; rows are whole numbers from 0",
                       reader.where(column), text);
    auto const found = std::ranges::lower_bound(cohort.row, *row);
    require<DataError>(
        found != cohort.row.end() && *found == *row,
        "{}: row {} is not among the {} deaths of the data (rows {} to {}, some may have been left out)",
        reader.where(column), *row, cohort.n_deaths(), cohort.row.front(), cohort.row.back());
    return static_cast<std::uint32_t>(found - cohort.row.begin());
}

}  // namespace vaster::va
