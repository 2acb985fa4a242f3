#pragma once

#include <cstdint>
#include <filesystem>

#include "vaster/h5/handle.hpp"

namespace vaster::h5 {

/// How rows of a file that is there are read and written.
enum class Driver {
    direct,  ///< by the system's pread and pwrite, where HDF5 says that the rows lie
    mpi,     ///< by HDF5 through MPI-IO on MPI_COMM_SELF
};

/// mpi while MPI runs in this process, else direct.
[[nodiscard]] Driver default_driver();

/// An empty file, instead of what is there. Objects begin at multiples of 8 bytes; the first `user_block`
/// bytes (a power of two from 512 on) are the caller's. @throws IoError
[[nodiscard]] File create_file(std::filesystem::path const& path, std::uint64_t user_block);

/// Opens a file that others may be writing, without a lock. @throws DataError
[[nodiscard]] File open_for_reading(std::filesystem::path const& path);

/// Opens a file through MPI-IO on MPI_COMM_SELF for writing rows of datasets that are there: takes no lock,
/// changes no metadata, and closing it waits for nobody. (HDF5's own driver would mark the file as being
/// written, and a process that is killed leaves that mark behind.) @throws IoError
[[nodiscard]] File open_for_rows(std::filesystem::path const& path);

/// Everything that HDF5 still holds in memory goes to the system. @throws IoError
void flush(File const& file);

/// "HDF5 1.10.8".
[[nodiscard]] std::string library_version();

}  // namespace vaster::h5
