#include "base/csv/utf8.hpp"

#include <cstdint>

namespace vaster::csv {

namespace {

/// What may follow a lead byte: how many bytes, and the bounds of the first of them.
struct Sequence {
    std::size_t length = 0;  ///< 0: not a lead byte
    std::uint8_t least = 0x80;
    std::uint8_t most = 0xBF;
};

Sequence sequence_of(std::uint8_t lead) noexcept {
    if (lead >= 0xC2 && lead <= 0xDF) return {1};
    if (lead == 0xE0) return {2, 0xA0};
    if (lead == 0xED) return {2, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF) return {2};
    if (lead == 0xF0) return {3, 0x90};
    if (lead >= 0xF1 && lead <= 0xF3) return {3};
    if (lead == 0xF4) return {3, 0x80, 0x8F};
    return {};
}

bool all_ascii(std::string_view bytes) noexcept {
    std::uint8_t seen = 0;
    for (char const c : bytes) seen |= static_cast<std::uint8_t>(c);
    return seen < 0x80;
}

}  // namespace

std::size_t first_bad_utf8(std::string_view bytes) noexcept {
    if (all_ascii(bytes)) return std::string_view::npos;
    auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    std::size_t i = 0;
    while (i < bytes.size()) {
        if (byte(i) < 0x80) {
            ++i;
            continue;
        }
        Sequence const sequence = sequence_of(byte(i));
        if (sequence.length == 0 || i + sequence.length >= bytes.size()) return i;
        if (byte(i + 1) < sequence.least || byte(i + 1) > sequence.most) return i;
        for (std::size_t k = 2; k <= sequence.length; ++k) {
            if (byte(i + k) < 0x80 || byte(i + k) > 0xBF) return i;
        }
        i += sequence.length + 1;
    }
    return std::string_view::npos;
}

}  // namespace vaster::csv
