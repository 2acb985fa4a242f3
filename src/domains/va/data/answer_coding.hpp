#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/answer_spellings.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// How a table writes its answers, when all of it has been read.
struct Coding {
    Answer empty_means = Answer::missing;
    std::string text;                ///< `y/n, missing "." (812), empty (15)`
    std::vector<std::string> notes;  ///< what was decided, and what lists have that no cell has
};

/// An answer that is not known until the whole table has been read: an empty cell.
constexpr auto open_answer = static_cast<Answer>(3);

/// Reads the symptom cells of one table and finds its coding from all of them.
///
/// | coding | present | absent | missing |
/// |---|---|---|---|
/// | InterVA-4 | Y | empty | . - |
/// | InterVA5, openVA | Y | N | . - empty NA |
/// | digits | 1 | 0 | empty NA . - nan |
/// | words | yes | no | dk ref empty NA . - |
/// | logical | TRUE T | FALSE F | NA empty . |
///
/// Small and capital letters do not count, nor do blanks at the ends; numbers are compared as numbers. NA,
/// N/A, nan, null, <NA>, #N/A, "." and "-" are missing in every coding.
class AnswerDecoder {
  public:
    /// @param id_column  the column of IDs, for messages; nothing: there is none
    explicit AnswerDecoder(AnswerSpellings const& told, std::optional<std::size_t> id_column = std::nullopt);

    /// The answer of a cell of the reader's current row; open_answer for an empty one. What it cannot read it
    /// keeps for finish().
    Answer decode(std::string_view cell, csv::CsvReader const& reader, std::size_t column);

    /// The coding. @param not_symptoms  columns that the user has named as label columns, for the suggestion
    /// @throws DataError that lists all that stands against one coding: unknown answers with counts and
    /// places, columns that are hardly symptoms, two codings, a table in which nothing says absent or present
    [[nodiscard]] Coding finish(csv::CsvReader const& reader,
                                std::span<std::string const> label_columns) const;

    /// The coding of deaths that nothing is learned from, so that a table may be one in which nobody has a
    /// symptom, or one of a single death. Unknown values are left to whoever reads the rows.
    /// @param told  what an empty cell means, where somebody has said so
    /// @param flag  with which somebody says so, for messages
    /// @throws DataError for two codings in one table; where there are empty cells and nothing shows what
    /// they mean
    [[nodiscard]] Coding settle(csv::CsvReader const& reader, std::optional<Answer> told,
                                std::string_view flag) const;

    /// What a cell says in any table: open_answer for an empty one, nothing for an unknown value.
    [[nodiscard]] std::optional<Answer> meaning_of(std::string_view cell) const;

    /// What an answer may be, for messages.
    [[nodiscard]] static std::string const& known_answers();

  private:
    enum class Family { letters, digits, words, logical, missing, dont_know, empty, told, unknown };

    /// A row of the file.
    struct Row {
        std::uint64_t line = 0;
        std::string id = {};  ///< of its death; empty: there are no IDs
    };

    /// The cells of a column that have an unknown value.
    struct Cells {
        std::uint64_t count = 0;
        Row first = {};
    };

    struct Value {
        std::string text;  ///< trimmed
        Family family = Family::unknown;
        Answer answer = Answer::missing;
        std::uint64_t count = 0;
        Row first = {};
        std::size_t column = 0;                   ///< of the first cell
        std::map<std::size_t, Cells> cells = {};  ///< by column; of unknown values only
    };

    struct Told {
        Answer answer = Answer::missing;
        std::string text;
        std::string_view key;
    };

    /// A column of which many values are unknown, so that it is hardly a symptom.
    using Suspects = std::map<std::size_t, std::set<std::string>>;

    std::size_t value_of(std::string_view cell, csv::CsvReader const& reader, std::size_t column);
    [[nodiscard]] Value read(std::string_view cell) const;
    [[nodiscard]] Row row_of(csv::CsvReader const& reader) const;
    [[nodiscard]] static std::string place_of(csv::CsvReader const& reader, Row const& row,
                                              std::size_t column);
    [[nodiscard]] std::vector<CountedText> texts_of(std::function<bool(Value const&)> const& wanted) const;
    [[nodiscard]] std::uint64_t count_of(std::function<bool(Value const&)> const& wanted) const;
    [[nodiscard]] std::vector<Family> families() const;
    [[nodiscard]] bool empty_is_absent() const;
    [[nodiscard]] Answer empty_means() const;
    [[nodiscard]] std::string text_of(Answer empty_means) const;

    [[nodiscard]] Suspects suspects() const;
    [[nodiscard]] std::vector<std::string> unknown_values(csv::CsvReader const& reader,
                                                          Suspects const& suspects) const;
    [[nodiscard]] std::string question_about(csv::CsvReader const& reader, std::size_t column,
                                             std::set<std::string> const& texts) const;
    [[nodiscard]] std::vector<std::string> strange_columns(csv::CsvReader const& reader,
                                                           Suspects const& suspects,
                                                           std::span<std::string const> label_columns) const;
    [[nodiscard]] std::vector<std::string> idle_spellings(std::string const& path) const;
    [[nodiscard]] std::vector<std::string> objections(csv::CsvReader const& reader,
                                                      std::span<std::string const> label_columns) const;
    [[nodiscard]] std::vector<Family> families_beside(Suspects const& suspects) const;
    [[nodiscard]] std::string mixture(csv::CsvReader const& reader, std::vector<Family> const& found) const;
    [[nodiscard]] std::string silence() const;

    std::optional<std::size_t> id_column_;
    std::map<std::string, Told, std::less<>> told_;  // by the text as values are compared
    std::vector<Value> values_;
    std::map<std::string, std::size_t, std::less<>> of_cell_;  // positions in values_
    std::array<std::size_t, 256> of_character_{};  // the same plus 1, for cells of one character or (0) none
    std::map<std::size_t, std::uint64_t>
        uncounted_;  // unknown cells by column, once there are too many values
};

}  // namespace vaster::va
