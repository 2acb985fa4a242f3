#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/h5/handle.hpp"
#include "core/h5/types.hpp"

namespace vaster::h5 {

/// A new contiguous dataset with these values, and the groups on its path.
/// @param shape  empty: a single value; lengths may be 0
/// @param bytes  product of the shape times the width of the value; a text without its zero
/// @return where its bytes begin, from the beginning of the file; 0 when it has none. @throws IoError
std::uint64_t write_array(File const& file, std::string const& path, Field const& value,
                          std::vector<std::uint64_t> const& shape, std::span<std::byte const> bytes);

}  // namespace vaster::h5
