#pragma once

#include <string>
#include <string_view>

/// Paths are bytes to the system, and not always UTF-8; most formats of text allow nothing else.
namespace vaster {

/// The text as UTF-8 from which text_to_bytes() makes the same bytes again. Each byte that is not part of
/// UTF-8 becomes one of the 128 private characters U+10FE80 to U+10FEFF, which keeps its last two digits; so
/// does each byte of such a character itself.
[[nodiscard]] std::string bytes_to_text(std::string_view bytes);

/// The inverse of bytes_to_text().
[[nodiscard]] std::string text_to_bytes(std::string_view text);

/// For messages: control characters (below U+0020 but for tab and line feed, and U+007F) are shown as \x1A.
/// All other bytes stay as they are.
[[nodiscard]] std::string printable(std::string_view bytes);

/// Is the byte a control character that printable() shows as a number?
[[nodiscard]] bool is_control(char byte) noexcept;

/// For people and for files that hold UTF-8 only: bytes that are not part of it are shown as \xE4, and
/// control characters as printable() shows them. What comes out may stand in XML, once its own characters are
/// escaped.
[[nodiscard]] std::string legible(std::string_view bytes);

/// How many bytes the character at the front has; 0 when they are not UTF-8, or one of the characters that
/// stand for a byte. The text must not be empty.
[[nodiscard]] std::size_t length_of_character(std::string_view text) noexcept;

/// The byte that the private character at the front stands for; -1 when another character is there.
[[nodiscard]] int byte_at_front(std::string_view text) noexcept;

}  // namespace vaster
