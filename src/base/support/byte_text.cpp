#include "base/support/byte_text.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace vaster {
namespace {

constexpr std::size_t escape_length = 4;
constexpr std::string_view escape_begin = "\xF4\x8F";  // of U+10FE80 to U+10FEFF: F4 8F BA|BB 80..BF

constexpr unsigned char third_byte = 0xBA;
constexpr unsigned char six_bits = 0x3F;

unsigned char at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

bool continues(unsigned char byte) {
    return (byte & 0xC0U) == 0x80U;
}

/// Bytes of a character that begins so; 0: none does.
std::size_t wanted_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

/// Two-byte beginnings of characters that would have a shorter form, are halves of pairs, or do not exist.
bool is_forbidden(unsigned char first, unsigned char second) {
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
}

std::string escape_of(unsigned char byte) {
    std::string text(escape_begin);
    text += static_cast<char>(third_byte + ((byte >> 6U) & 1U));
    text += static_cast<char>(0x80U | (byte & six_bits));
    return text;
}

std::string number_of(unsigned char byte) {
    return fmt::format("\\x{:02X}", byte);
}

/// Characters as they are; each other byte as `show` has it.
template <class Show>
std::string rewritten(std::string_view bytes, Show show) {
    std::string text;
    while (!bytes.empty()) {
        std::size_t const length = length_of_character(bytes);
        if (length > 0)
            text += bytes.substr(0, length);
        else
            text += show(at(bytes, 0));
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

}  // namespace

int byte_at_front(std::string_view text) noexcept {
    if (text.size() < escape_length || !text.starts_with(escape_begin)) return -1;
    unsigned const high = at(text, 2);
    bool const ours = (high == third_byte || high == third_byte + 1U) && continues(at(text, 3));
    return ours ? static_cast<int>(0x80U | ((high - third_byte) << 6U) | (at(text, 3) & six_bits)) : -1;
}

std::size_t length_of_character(std::string_view text) noexcept {
    std::size_t const length = wanted_length(at(text, 0));
    if (length == 0 || length > text.size()) return 0;
    if (length > 1 && is_forbidden(at(text, 0), at(text, 1))) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continues(at(text, i))) return 0;
    return byte_at_front(text) >= 0 ? 0 : length;
}

std::string bytes_to_text(std::string_view bytes) {
    return rewritten(bytes, escape_of);
}

std::string text_to_bytes(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        int const byte = byte_at_front(text);
        bytes += byte >= 0 ? static_cast<char>(byte) : text.front();
        text.remove_prefix(byte >= 0 ? escape_length : 1);
    }
    return bytes;
}

bool is_control(char byte) noexcept {
    constexpr unsigned char first_printable = 0x20;
    constexpr unsigned char rubout = 0x7F;
    auto const value = static_cast<unsigned char>(byte);
    return (value < first_printable && byte != '\t' && byte != '\n') || value == rubout;
}

std::string printable(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (char const byte : bytes) {
        if (is_control(byte))
            text += number_of(static_cast<unsigned char>(byte));
        else
            text += byte;
    }
    return text;
}

std::string legible(std::string_view bytes) {
    return printable(rewritten(bytes, number_of));
}

}  // namespace vaster
