#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The words and signs that LP files consist of.
namespace vaster::service::solve::lp {

enum class Kind { name, number, sign, colon, relation, bracket, end };

/// A word or sign, and where it stands.
struct Token {
    Kind kind = Kind::end;
    std::string text;  ///< of a relation: "<", ">" or "="
    double number = 0;
    std::size_t line = 0;
    std::size_t column = 0;
    bool begins_line = false;
};

/// All of a text, the last one of kind `end`. Comments are left out.
/// @param file  for messages. @throws DataError with line and column where a character has no meaning, a
/// number is none, or a name has something in it that was hardly meant
[[nodiscard]] std::vector<Token> tokens_of(std::string const& file, std::string_view text);

}  // namespace vaster::service::solve::lp
