#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace vaster::service {

/// Nothing is known: an empty cell. What is computed with it is missing, too.
struct Missing {
    bool operator==(Missing const&) const = default;
};

/// What an expression comes to.
using Value = std::variant<Missing, double, bool, std::string>;

/// What a cell of a table stands for, blanks around it not counted: nothing is missing; what is a number as a
/// whole is one (the names of numbers, such as nan and inf, are texts); all else is a text.
[[nodiscard]] Value value_of_cell(std::string_view cell);

/// As a cell of a table: nothing, the shortest text that is read back as the same number, true or false, the
/// text.
[[nodiscard]] std::string text_of(Value const& value);

/// "a number", "a text", "true or false", "missing", for messages.
[[nodiscard]] std::string_view kind_of(Value const& value);

}  // namespace vaster::service
