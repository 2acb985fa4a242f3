#include "core/h5/row_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "core/h5/handle.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::h5 {
namespace {

/// Reads or writes pieces until all bytes are through. @param piece  (bytes that are left, their place in the
/// file): how many were read or written, at least one
template <class Byte, class Piece>
void piece_by_piece(std::span<Byte> bytes, std::uint64_t offset, Piece piece) {
    while (!bytes.empty()) {
        std::size_t const n = piece(bytes, offset);
        bytes = bytes.subspan(n);
        offset += n;
    }
}

void require_read(std::size_t n) {
    require<DataError>(n > 0, "the file has become shorter while it was open");
}

class DirectFile final : public RowFile {
  public:
    DirectFile(std::filesystem::path const& path, Access access)
        : file_(::open(path.c_str(), (access == Access::read ? O_RDONLY : O_RDWR) | O_CLOEXEC)) {
        require<IoError>(bool(file_), "cannot open {}: {}", path.string(), system_reason(errno));
    }

    void read(std::span<std::byte> bytes, std::uint64_t offset) const override {
        piece_by_piece(bytes, offset, [this](auto left, auto at) {
            auto const n = uninterrupted(
                [&] { return ::pread(file_.get(), left.data(), left.size(), static_cast<off_t>(at)); });
            require<IoError>(n >= 0, "cannot read rows: {}", system_reason(errno));
            require_read(static_cast<std::size_t>(n));
            return static_cast<std::size_t>(n);
        });
    }

    void write(std::span<std::byte const> bytes, std::uint64_t offset) const override {
        piece_by_piece(bytes, offset, [this](auto left, auto at) {
            auto const n = uninterrupted(
                [&] { return ::pwrite(file_.get(), left.data(), left.size(), static_cast<off_t>(at)); });
            require<IoError>(n > 0, "cannot write rows: {}", system_reason(n < 0 ? errno : ENOSPC));
            return static_cast<std::size_t>(n);
        });
    }

  private:
    /// Again when a signal came in between.
    template <class Call>
    static ssize_t uninterrupted(Call call) {
        ssize_t n = 0;
        do n = call();
        while (n < 0 && errno == EINTR);
        return n;
    }

    Descriptor file_;
};

std::string mpi_reason(int code) {
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    MPI_Error_string(code, text.data(), &length);
    return {text.data(), static_cast<std::size_t>(length)};
}

/// HDF5's parallel driver opens the file; its bytes go through the driver's own MPI-IO handle, since a read
/// or write of a row through HDF5 costs six times as much.
class MpiFile final : public RowFile {
  public:
    MpiFile(std::filesystem::path const& path, Access access) : opened_(open_in_parallel(path, access)) {
        void* handle = nullptr;
        require_h5<IoError>(H5Fget_vfd_handle(opened_.get(), H5P_DEFAULT, &handle) >= 0 && handle != nullptr,
                            "HDF5 has no MPI-IO handle of {}", path.string());
        file_ = *static_cast<MPI_File*>(handle);
    }

    void read(std::span<std::byte> bytes, std::uint64_t offset) const override {
        piece_by_piece(bytes, offset, [this](auto left, auto at) {
            MPI_Status status;
            int const code = MPI_File_read_at(file_, static_cast<MPI_Offset>(at), left.data(),
                                              piece(left.size()), MPI_BYTE, &status);
            require<IoError>(code == MPI_SUCCESS, "cannot read rows: {}", mpi_reason(code));
            require_read(bytes_of(status));
            return bytes_of(status);
        });
    }

    void write(std::span<std::byte const> bytes, std::uint64_t offset) const override {
        piece_by_piece(bytes, offset, [this](auto left, auto at) {
            MPI_Status status;
            int const code = MPI_File_write_at(file_, static_cast<MPI_Offset>(at), left.data(),
                                               piece(left.size()), MPI_BYTE, &status);
            require<IoError>(code == MPI_SUCCESS, "cannot write rows: {}", mpi_reason(code));
            require<IoError>(bytes_of(status) > 0, "cannot write rows: MPI-IO wrote nothing");
            return bytes_of(status);
        });
    }

  private:
    /// MPI counts in int.
    static int piece(std::size_t n_bytes) {
        constexpr std::size_t most = std::size_t{1} << 30U;
        return static_cast<int>(std::min(n_bytes, most));
    }

    static std::size_t bytes_of(MPI_Status const& status) {
        int n = 0;
        MPI_Get_count(&status, MPI_BYTE, &n);
        return static_cast<std::size_t>(std::max(n, 0));
    }

    File opened_;
    MPI_File file_ = MPI_FILE_NULL;
};

}  // namespace

Driver default_driver() {
    int initialized = 0;
    int finalized = 0;
    MPI_Initialized(&initialized);
    MPI_Finalized(&finalized);
    return initialized != 0 && finalized == 0 ? Driver::mpi : Driver::direct;
}

std::shared_ptr<RowFile const> open_row_file(std::filesystem::path const& path, Access access,
                                             Driver driver) {
    if (driver == Driver::direct) return std::make_shared<DirectFile const>(path, access);
    return std::make_shared<MpiFile const>(path, access);
}

}  // namespace vaster::h5
