#pragma once

#include <string>
#include <vector>

namespace vaster::va {

/// What a user says of the spellings of an encoded table. "" is the empty cell. A text that is given here has
/// no built-in meaning any more; numbers are the same however they are written (9 and 9.0).
struct AnswerSpellings {
    std::vector<std::string> present;
    std::vector<std::string> absent;
    std::vector<std::string> missing;

    [[nodiscard]] bool any() const { return !present.empty() || !absent.empty() || !missing.empty(); }

    bool operator==(AnswerSpellings const&) const = default;
};

/// What is wrong with the lists themselves: texts that are in two of them.
[[nodiscard]] std::vector<std::string> problems_of(AnswerSpellings const& spellings);

}  // namespace vaster::va
