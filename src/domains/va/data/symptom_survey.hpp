#pragma once

#include <map>
#include <string>
#include <vector>

#include "domains/va/data/answer_spellings.hpp"
#include "domains/va/data/column_profile.hpp"

namespace vaster::va {

/// Which columns may be symptoms of one encoded table, and the spellings with which they can be read.
struct SymptomSurvey {
    std::vector<std::string> why_not;  ///< [n_columns], why a column is not a symptom; empty: it is one
    AnswerSpellings spellings;         ///< those told, and those that are needed
    std::map<std::string, std::string>
        reasons;                      ///< for keys of the spellings, what in the table asks for them
    std::vector<std::string> doubts;  ///< what the user should look at
};

/// Looks at all columns together: a text that no coding knows, such as 9, is taken for missing where it looks
/// like "not known" beside answers, and 2 beside 1 without 0 in most columns for absent. Several codings are
/// joined. A column with other texts or numbers is not a symptom.
[[nodiscard]] SymptomSurvey survey_symptoms(std::vector<ColumnProfile const*> const& columns,
                                            AnswerSpellings const& told);

}  // namespace vaster::va
