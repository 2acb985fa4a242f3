#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace vaster::store {

/// Bytes at the beginning of a study file that HDF5 leaves to us.
inline constexpr std::uint64_t seal_bytes = 4096;

/// Bytes of the file that rows are written to.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Writes the seal: a few lines of text that say what the file is, how long it is, which ranges may change,
/// and the checksum of all else. HDF5's own structures, attributes and labels never change after creation, so
/// whoever opens the file can tell first that they are intact: HDF5 1.10 may crash on damaged ones. @throws
/// IoError
void write_seal(std::filesystem::path const& path, std::vector<Range> ranges);

/// @throws IoError when the file cannot be read
/// @throws DataError when it is no study file, of another version, cut short or damaged
void check_seal(std::filesystem::path const& path);

}  // namespace vaster::store
