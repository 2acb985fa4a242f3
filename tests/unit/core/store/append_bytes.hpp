#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace vaster::example {

/// Appends a number to the packed elements of an array.
template <class T>
void append_bytes(std::vector<std::uint8_t>& bytes, T value) {
    auto const old = bytes.size();
    bytes.resize(old + sizeof value);
    std::memcpy(bytes.data() + old, &value, sizeof value);
}

}  // namespace vaster::example
