#pragma once

#include <cstdint>
#include <filesystem>

#include "vaster/h5/handle.hpp"

namespace vaster::h5 {

/// How rows are written: straight through MPI-IO on MPI_COMM_SELF, or with HDF5's own driver.
enum class Driver { serial, mpi };

/// mpi while MPI runs in this process, else serial.
[[nodiscard]] Driver default_driver();

/// An empty file, instead of what is there. Objects begin at multiples of 8 bytes; the first `user_block` bytes (a power of two from 512 on) are
/// the caller's. @throws IoError
[[nodiscard]] File create_file(std::filesystem::path const& path, std::uint64_t user_block);

/// Reads a file that others may be writing: no locks, and nothing of the data is kept between reads. @throws DataError
[[nodiscard]] File open_for_reading(std::filesystem::path const& path);

/// Opens a file for writing rows of datasets that are there. Takes no lock, changes no metadata, and closing it waits for
/// nobody. @throws IoError
[[nodiscard]] File open_for_rows(std::filesystem::path const& path, Driver driver);

/// Everything that HDF5 still holds in memory goes to the system. @throws IoError
void flush(File const& file);

/// "HDF5 1.10.8".
[[nodiscard]] std::string library_version();

}  // namespace vaster::h5
