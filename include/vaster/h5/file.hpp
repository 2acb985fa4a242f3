#pragma once

#include <cstdint>
#include <filesystem>

#include "vaster/h5/handle.hpp"

namespace vaster::h5 {

/// An empty file, instead of what is there. Objects begin at multiples of 8 bytes; the first `user_block`
/// bytes (a power of two from 512 on) are the caller's. @throws IoError
[[nodiscard]] File create_file(std::filesystem::path const& path, std::uint64_t user_block);

/// Opens a file that others may be writing, without a lock. @throws DataError
[[nodiscard]] File open_for_reading(std::filesystem::path const& path);

/// Everything that HDF5 still holds in memory goes to the system. @throws IoError
void flush(File const& file);

/// "HDF5 1.10.8".
[[nodiscard]] std::string library_version();

}  // namespace vaster::h5
