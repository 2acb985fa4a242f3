#include "domains/va/data/row_cells.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

double weight_in_cell(csv::CsvReader const& reader, std::size_t column, std::optional<std::size_t> id) {
    std::string_view const cell = trimmed(reader.cells()[column]);
    auto const weight = number_in<double>(cell);
    std::string const name = id ? fmt::format(", ID {}", trimmed(reader.cells()[*id])) : "";
    require<DataError>(
        weight && *weight > 0 && std::isfinite(*weight),
        "{}{}: the weight is {} (data.weight; must be a number above 0{}); take a death that is not "
        "to count out of the file",
        reader.where(column), name, va::quoted(cell),
        cell.find(',') == std::string_view::npos ? "" : ", with a point and no comma");
    return *weight;
}

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
