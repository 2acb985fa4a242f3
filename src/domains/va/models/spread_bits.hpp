#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vaster::models {

inline constexpr std::size_t bytes_of_word = 8;

/// Bit j of the index, a byte, becomes the lowest bit of byte j of a word.
inline constexpr std::array<std::uint64_t, 256> spread_bits = [] {
    std::array<std::uint64_t, 256> words{};
    for (std::size_t byte = 0; byte < words.size(); ++byte)
        for (std::size_t j = 0; j < bytes_of_word; ++j)
            words[byte] |= static_cast<std::uint64_t>(byte >> j & 1U) << (bytes_of_word * j);
    return words;
}();

}  // namespace vaster::models
