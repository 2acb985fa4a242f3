#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/va/models/insilico/tables.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models::insilicova {

/// A table of P(symptom | cause) as a user writes it, with names instead of numbers.
struct GivenTable {
    std::string name;                   ///< of the file, for messages
    std::vector<std::string> symptoms;  ///< its rows
    std::vector<std::string> causes;    ///< its columns
    std::vector<std::uint8_t> levels;   ///< as GivenCells, [symptoms][causes]; or
    std::vector<double> numbers;        ///< as GivenCells
};

/// Reads a CSV with the column `symptom` and one column for each cause, headed by the cause's label. All
/// cells are letters (level_names; "B -" is read as "B-" and an empty cell as "N", as in InterVA's own
/// table), or all are numbers in [0, 1].
/// @throws DataError with line and column for a cell that is neither, a mixture of both, a symptom that
/// occurs twice, a table without causes; as csv::CsvReader does
[[nodiscard]] GivenTable read_given_table(std::filesystem::path const& path);

/// The table's cells for the symptoms and causes of a study. Rows of symptoms and columns of causes that the
/// study does not have are passed over, since a table such as InterVA's serves many questionnaires and has
/// causes that no death of a study may have.
/// @throws DataError when no symptom or no cause of the study is in the table; when a cause of the study is
/// there only in another spelling (small and capital letters)
[[nodiscard]] GivenCells bind_given(GivenTable const& table, Vocabulary const& vocabulary);

/// What a user should know of the binding: what is passed over, and what the table does not have.
/// @throws DataError as bind_given
[[nodiscard]] std::vector<std::string> describe_binding(GivenTable const& table,
                                                        Vocabulary const& vocabulary);

}  // namespace vaster::models::insilicova
