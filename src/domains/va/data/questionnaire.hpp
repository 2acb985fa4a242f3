#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/rules.hpp"

namespace vaster::va {

/// A module of PHMRC. The first of them whose column a release has is the release's own.
struct PhmrcModule {
    std::string_view name;     ///< as the column `module` has it
    std::string_view told_by;  ///< a column that the releases of modules further down lack
    std::string_view format;   ///< as data.format has it
};

/// Adult, Child, Neonate.
[[nodiscard]] std::span<PhmrcModule const> phmrc_modules();

/// What stands behind the names of groups, in small letters: "id10004" of "consented-signs.Id10004".
[[nodiscard]] std::string code_of(std::string_view column);

/// How a table of answers as they were given is read.
struct Questionnaire {
    std::string_view module;  ///< "Adult", "Child", "Neonate", as PHMRC's column `module` has it; empty: a
                              ///< questionnaire of the user's own
    std::string name;         ///< for people
    std::vector<EncodingRule> rules;
    std::string rules_hash;  ///< of the user's own rules; empty: they are part of the program
};

/// The questionnaire of a raw format, with the rules of source.rules where they are the user's own, and those
/// of source.features for a release.
/// @param columns  of the table, or symptoms that were made of it: those that begin with word_prefix become
///                 symptoms where source.features has the words
/// @throws DataError, IoError as parse_rules() and CsvReader; DataError where words are asked for and no
/// column has any, or health care of another release than that of adults
[[nodiscard]] Questionnaire questionnaire_of(CohortSource const& source,
                                             std::span<std::string const> columns = {});

/// How its file is read: free texts in releases have quotes that are not doubled and, here and there, bytes
/// of other encodings.
[[nodiscard]] csv::CsvOptions csv_options_of(CohortSource const& source);

/// Refuses a release of another PHMRC module than the one that the format says, told by columns that only
/// that one has. @throws DataError that names the right format
void refuse_other_module(csv::CsvReader const& reader, Questionnaire const& questionnaire);

/// Rows of PHMRC's modules, by the column `module`, if there is one.
class ModuleColumn {
  public:
    ModuleColumn(csv::CsvReader const& reader, Questionnaire const& questionnaire);

    void look_at(csv::CsvReader const& reader);

    /// @throws DataError with counts when there are rows of another module
    void refuse_others(csv::CsvReader const& reader) const;

  private:
    std::string_view module_;
    std::optional<std::size_t> column_;
    std::map<std::string, std::uint64_t, std::less<>> rows_;  // of other modules
};

/// The rules of a format that come with the program; nullptr: it has none.
[[nodiscard]] std::vector<EncodingRule> const* shipped_rules(CohortFormat format);

/// A rule with its columns.
struct BoundRule {
    EncodingRule rule;
    std::size_t symptom = 0;  ///< position in symptom_names()
    std::size_t source = 0;
    std::size_t also_source = 0;  ///< the first source where there is no second
};

/// Rules whose sources were looked up in a table.
struct BoundRules {
    std::vector<BoundRule> rules;
    std::size_t n_symptoms = 0;
    std::vector<std::string> lacking;  ///< optional sources that the table lacks
};

/// Finds the columns of the rules. In a questionnaire of the user's own a source may be a question's code
/// alone: it stands for the column whose name ends in it behind '-', '.', ':' or '/', in any case.
/// @throws DataError for a source that is not there and not optional, or fits two columns
[[nodiscard]] BoundRules bind_rules(Questionnaire const& questionnaire, csv::CsvReader const& reader);

/// How many symptoms have a source among the columns.
[[nodiscard]] std::size_t n_askable(Questionnaire const& questionnaire, csv::CsvReader const& reader);

/// The answers of a row, [n_symptoms]; missing where a rule does not know the answer.
/// @return the first such rule; nullptr: all know theirs
[[nodiscard]] BoundRule const* encode_cells(std::span<std::string_view const> cells, BoundRules const& bound,
                                            std::span<Answer> answers);

/// The column whose answer the rule does not know: the second source's where the first one's is known.
[[nodiscard]] std::size_t unknown_column(std::span<std::string_view const> cells, BoundRule const& bound);

/// Answers that rules do not know, of all rows, so that all can be told at once.
class UnknownAnswers {
  public:
    /// Looks at the rules of the reader's current row, one of which does not know its answer.
    void look_at(csv::CsvReader const& reader, BoundRules const& bound);

    /// @throws DataError where there are any: with the place of the first of each, how many there are, and
    /// what its rule knows
    void refuse(csv::CsvReader const& reader) const;

  private:
    struct Unknown {
        std::string where;  ///< of the first cell
        std::string answer;
        std::string symptom;
        std::string known;
        std::uint64_t count = 0;
        std::uint64_t last_line = 0;  ///< a cell that several rules read counts once
    };

    std::vector<Unknown> found_;                                        // in the order in which they came
    std::map<std::pair<std::size_t, std::string>, std::size_t> place_;  // in found_, by column and answer
    std::uint64_t n_more_ = 0;  // cells, once there are too many different ones
};

}  // namespace vaster::va
