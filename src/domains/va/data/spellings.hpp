#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::va {

/// The text without blanks at its ends. Blanks are spaces, tabs, line ends and no-break spaces (U+00A0,
/// U+2007, U+202F, U+FEFF).
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The text without blanks at its ends, and with one space for every run of blanks inside.
[[nodiscard]] std::string tidied(std::string_view text);

/// Small letters for capital ones: Latin with its accents, Greek, Cyrillic. Accents stay.
[[nodiscard]] std::string folded(std::string_view text);

/// The one spelling of a number without an exponent: "1" of "1.0", "01" and "1.00", "-1" of "-1.0". Nothing
/// for what is not such a number.
[[nodiscard]] std::optional<std::string> plain_number(std::string_view text);

/// The text in quotes for a message, control characters by their numbers; "empty" for an empty one.
[[nodiscard]] std::string quoted(std::string_view text);

/// Has the text a control character? Blanks are none once a text is tidied().
[[nodiscard]] bool has_control(std::string_view text);

/// A count with commas: 4,021.
[[nodiscard]] std::string grouped(std::uint64_t count);

/// A text of a file, and how often it is there.
struct CountedText {
    std::string text;
    std::uint64_t count = 0;

    bool operator==(CountedText const&) const = default;
};

/// Most frequent first, of equals the first that came: `"NA" (15), empty (4)`. At most eight, then how many
/// more.
[[nodiscard]] std::string listed(std::vector<CountedText> texts);

/// The words that say that there is no cause, no site, no sub-population: an empty cell, NA, N/A, nan, null,
/// <NA>, #N/A, "." and "-" in small and capital letters, and those that a user adds.
class NothingWords {
  public:
    explicit NothingWords(std::vector<std::string> const& more = {});

    /// @param tidy  a tidied text
    [[nodiscard]] bool contains(std::string_view tidy) const;

    /// The standard words as a list for people.
    [[nodiscard]] static std::string const& documented();

  private:
    std::vector<std::string> more_;  ///< tidied and folded
};

/// A cause that often stands for "not known" though it is a name: Undetermined, Unknown, 99 and the like.
[[nodiscard]] bool may_mean_unknown(std::string_view tidy);

}  // namespace vaster::va
