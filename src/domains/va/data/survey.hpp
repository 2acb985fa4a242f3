#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/table_kind.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::va {

/// What a column of a table of deaths is for.
enum class ColumnUse { site, cause, id, weight, symptom, question, left_out };

/// "site", "cause", "ID", "weight", "symptom", "question", "left out".
[[nodiscard]] std::string_view name_of(ColumnUse use);

struct SurveyedColumn {
    std::string name;
    ColumnUse use = ColumnUse::symptom;
    std::string values;          ///< what stands in it
    std::uint64_t n_rows = 0;    ///< seen
    std::uint64_t n_filled = 0;  ///< of these with another text than a word for nothing
    std::string remark = {};     ///< why it is used so, where that is not plain; empty: it is
};

/// A key that has to be set for the table to be read, and what in the table asks for it.
struct Advice {
    std::string key;  ///< "data.site"
    Value value;
    std::string reason;
};

/// What can be told of a file of deaths without knowing it: what it is, what its columns are for, and the
/// keys that would read it. Nothing of it is used unasked: it is for the file's user to look at.
struct Survey {
    TableKind kind = TableKind::other;
    std::string layout;  ///< "900 rows and 45 columns, parted by commas"
    std::vector<SurveyedColumn> columns;
    std::vector<Advice> advice;          ///< all that differs from the defaults, what the user told too
    std::vector<std::string> doubts;     ///< what the user should look at before believing the advice
    std::vector<std::string> obstacles;  ///< what no key helps with
    bool has_causes = true;              ///< a column of causes was found
    CohortSource source;                 ///< as told and with the advice followed
};

/// Looks at the whole file, once for its kind and once for its columns. Keys in `told` that differ from their
/// defaults are taken as the user's word, as far as they fit the file.
/// @throws DataError where not even the header can be read, IoError as csv::CsvReader; later faults of the
/// file are among the obstacles
[[nodiscard]] Survey survey(CohortSource const& told);

/// The flags that stand for the advice: `--format encoded --label cause --set data.site=district`.
[[nodiscard]] std::vector<std::string> flags_of(std::vector<Advice> const& advice);

/// A refusal of the file with a line that says how to find out more and, where the survey's advice makes the
/// file readable, with the flags that read it.
[[nodiscard]] std::string with_way_out(std::string const& refusal, CohortSource const& told);

/// The advice as lines of a study file: `[data]`, `path = "va.csv"` and so on.
[[nodiscard]] std::string study_file_of(Survey const& survey);

}  // namespace vaster::va
