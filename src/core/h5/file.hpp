#pragma once

#include <cstdint>
#include <filesystem>

#include "core/h5/handle.hpp"

namespace vaster::h5 {

enum class Access { read, read_write };

/// An empty file, instead of what is there. Objects begin at multiples of 8 bytes; the first `user_block`
/// bytes (a power of two from 512 on) are the caller's. @throws IoError
[[nodiscard]] File create_file(std::filesystem::path const& path, std::uint64_t user_block);

/// Opens a file that others may be writing, without a lock. @throws DataError
[[nodiscard]] File open_for_reading(std::filesystem::path const& path);

/// Opens a file by HDF5's parallel driver, MPI-IO on MPI_COMM_SELF, for reading and writing bytes of datasets
/// that are there: takes no lock, changes no metadata, and closing it waits for nobody. (HDF5's serial driver
/// would mark the file as being written, and a process that is killed leaves that mark behind.) @throws
/// IoError
[[nodiscard]] File open_in_parallel(std::filesystem::path const& path, Access access);

/// Everything that HDF5 still holds in memory goes to the system. @throws IoError
void flush(File const& file);

/// "HDF5 1.10.8".
[[nodiscard]] std::string library_version();

}  // namespace vaster::h5
