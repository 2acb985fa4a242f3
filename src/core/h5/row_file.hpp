#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "core/h5/file.hpp"

namespace vaster::h5 {

/// How bytes of a file that is there are read and written, where HDF5 says that they lie.
enum class Driver {
    direct,  ///< by the system's pread and pwrite
    mpi,     ///< by the MPI-IO handle of HDF5's parallel driver, which knows what network file systems need
};

/// mpi while MPI runs in this process, else direct.
[[nodiscard]] Driver default_driver();

/// Bytes of a file by their position. Nothing is kept between calls: reading shows what other processes have
/// written, and what write() has written survives the death of this process. Nothing is collective, and a
/// file takes no lock.
class RowFile {
  public:
    RowFile() = default;
    virtual ~RowFile() = default;
    RowFile(RowFile const&) = delete;
    RowFile& operator=(RowFile const&) = delete;

    /// @throws IoError, and DataError beyond the end of the file
    virtual void read(std::span<std::byte> bytes, std::uint64_t offset) const = 0;
    /// In one go, from the first byte to the last: killed in between, a beginning is written. @throws IoError
    virtual void write(std::span<std::byte const> bytes, std::uint64_t offset) const = 0;
};

/// With Driver::mpi it must be gone before MPI_Finalize. @throws IoError
[[nodiscard]] std::shared_ptr<RowFile const> open_row_file(std::filesystem::path const& path, Access access,
                                                           Driver driver);

}  // namespace vaster::h5
