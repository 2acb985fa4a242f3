#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/spellings.hpp"

namespace vaster::va {

/// What becomes of names that differ in small and capital letters only.
enum class CaseRule {
    refuse,  ///< an error that says them
    fold,    ///< all get the most frequent spelling, of several the first in the file
};

/// "refuse", "fold".
[[nodiscard]] std::vector<std::string> const& case_rule_names();

/// Names of a column (causes, sites, sub-populations) in the order of bytes, and which one each spelling
/// means.
struct Names {
    std::vector<std::string> names;
    std::vector<std::uint32_t> of_spelling;  ///< positions in `names`; of spellings that were kept
    std::vector<std::string> notes;          ///< what was taken for the same, a sentence each
    bool changed = false;                    ///< some name is not as the file has it
};

/// Gathers the spellings of a column of names. Blanks at the ends of a cell do not count, and a run of blanks
/// inside counts as one.
class NameColumn {
  public:
    /// @param what  for messages: "causes"
    NameColumn(std::string what, NothingWords words) : what_(std::move(what)), words_(std::move(words)) {}

    /// The number of the cell's spelling, a new one if it is new.
    [[nodiscard]] std::uint32_t spelling_of(std::string_view cell);

    /// Does the spelling mean that there is no name?
    [[nodiscard]] bool is_nothing(std::uint32_t spelling) const { return spellings_[spelling].is_nothing; }

    /// The cell's text, tidied.
    [[nodiscard]] std::string const& tidy(std::uint32_t spelling) const { return spellings_[spelling].tidy; }

    /// A row with that spelling is used.
    void keep(std::uint32_t spelling, std::uint64_t line);

    /// The names of the rows that are used.
    /// @param path, column, key  for the message: the key that says what becomes of names that differ in case
    /// @throws DataError when a name has a control character; under CaseRule::refuse when two names differ in
    /// case only
    [[nodiscard]] Names finish(CaseRule rule, std::string_view path, std::string_view column,
                               std::string_view key) const;

  private:
    struct Spelling {
        std::string text;
        std::string tidy;
        bool is_nothing = false;
        std::uint64_t n_kept = 0;
        std::uint64_t first_line = 0;
    };

    /// A tidied name, with the rows of all its spellings.
    struct Name {
        std::string text;
        std::uint64_t n_rows = 0;
        std::uint64_t first_line = 0;
    };

    [[nodiscard]] std::vector<Name> names_kept() const;

    void refuse_controls(std::string_view path, std::string_view column) const;

    std::string what_;
    NothingWords words_;
    std::vector<Spelling> spellings_;
    std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

}  // namespace vaster::va
