#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// The text as a number, if all of it is one.
template <class Number>
[[nodiscard]] std::optional<Number> number_in(std::string_view text) {
    Number number{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// The weight of a death in that cell of the reader's current row.
/// @param id  column with the death's ID, for the message; nothing: there is none
/// @throws DataError with line and key unless it is a finite number above 0
[[nodiscard]] double weight_in_cell(csv::CsvReader const& reader, std::size_t column,
                                    std::optional<std::size_t> id);

/// The death whose data row is in that cell of the reader's current row.
/// @throws DataError when it is not a row number, or not one of the cohort's
[[nodiscard]] std::uint32_t death_in_cell(csv::CsvReader const& reader, std::size_t column,
                                          Cohort const& cohort);

}  // namespace vaster::va
