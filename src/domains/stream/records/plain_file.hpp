#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "vaster/support/descriptor.hpp"

namespace vaster::stream {

/// A file that was opened to be read.
struct PlainFile {
    Descriptor file;
    std::uint64_t size = 0;     ///< when it was opened [bytes]
    std::int64_t modified = 0;  ///< when it was last written, by the clock of its file system [ns]
};

/// @throws IoError when it cannot be opened, or is not a plain file
[[nodiscard]] PlainFile open_plain(std::filesystem::path const& path);

/// Has nobody written to it since it was opened? @throws IoError when the system does not say
[[nodiscard]] bool is_unchanged(PlainFile const& file, std::filesystem::path const& path);

/// Fills the bytes with those of the file from there on.
/// @returns how many there were: fewer than asked for at the end of the file alone. @throws IoError
std::size_t read_at(PlainFile const& file, std::uint64_t at, std::span<char> bytes,
                    std::filesystem::path const& path);

/// hash_text() of its content, as far as it can be read. @throws IoError
[[nodiscard]] std::string content_hash(PlainFile const& file, std::filesystem::path const& path);

}  // namespace vaster::stream
