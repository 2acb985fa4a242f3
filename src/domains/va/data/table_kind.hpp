#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// What a table is by its columns and by the answers of its first rows.
enum class TableKind {
    other,          ///< an encoded table, one hopes
    phmrc_adult,    ///< the raw release of a PHMRC module: its questions, answered as its rules know
    phmrc_child,    ///< as phmrc_adult
    phmrc_neonate,  ///< as phmrc_adult
    who,  ///< a questionnaire of WHO as it was filled in: questions Id10004 and so on, with answers of all
          ///< sorts
};

/// A kind, and what it was told by.
struct KindOfTable {
    TableKind kind = TableKind::other;
    std::string column;           ///< the column that tells it, the first of several
    std::size_t n_questions = 0;  ///< WHO: columns that are questions
};

/// Looks at the header and at the first 200 rows. Cells are parted as open_table() says; quotes and bytes may
/// be as releases have them. Errors as csv::CsvReader.
[[nodiscard]] KindOfTable kind_of_table(std::filesystem::path const& path);

/// The format that reads tables of the kind; CohortFormat::rules for WHO's, encoded for all others.
[[nodiscard]] CohortFormat format_of(TableKind kind);

/// "the raw PHMRC child release"; "a questionnaire of WHO as it was filled in".
[[nodiscard]] std::string_view name_of(TableKind kind);

/// Says that the table is of another kind than source.format takes it for, and what reads it. Does nothing
/// where it is not, or where the file cannot be read.
/// @throws DataError
void refuse_other_kind(CohortSource const& source);

/// Is the column a question of WHO's questionnaires, Id10004 and so on, perhaps behind names of groups?
[[nodiscard]] bool is_who_question(std::string_view column);

}  // namespace vaster::va
