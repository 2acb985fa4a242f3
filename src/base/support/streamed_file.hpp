#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>

namespace vaster {

/// As write_file_atomically(), of a text that is made while it is written, and so may be of any length.
/// @param write  what it throws is thrown on, and `path` is then untouched, too (unless it is a device or a
/// pipe, which has got the beginning)
/// @throws IoError naming the path and the system's reason
void stream_file_atomically(std::filesystem::path const& path,
                            std::function<void(std::ostream&)> const& write);

}  // namespace vaster
