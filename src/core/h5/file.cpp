#include "core/h5/file.hpp"

#include <fcntl.h>
#include <mpi.h>

namespace vaster::h5 {
namespace {

PropertyList access_list() {
    silence();
    PropertyList access(H5Pcreate(H5P_FILE_ACCESS));
    require_h5<IoError>(bool(access), "HDF5 cannot make a property list");
    require_h5<IoError>(
        H5Pset_file_locking(access.get(), false, true) >= 0 && H5Pset_alignment(access.get(), 1, 8) >= 0,
        "HDF5 cannot set up access to files");
    return access;
}

void close_on_exec(File const& file) {
    void* handle = nullptr;
    if (H5Fget_vfd_handle(file.get(), H5P_DEFAULT, &handle) < 0 || handle == nullptr) return;
    ::fcntl(*static_cast<int*>(handle), F_SETFD, FD_CLOEXEC);
}

}  // namespace

File create_file(std::filesystem::path const& path, std::uint64_t user_block) {
    auto const access = access_list();
    PropertyList const creation(H5Pcreate(H5P_FILE_CREATE));
    require_h5<IoError>(bool(creation) && H5Pset_userblock(creation.get(), user_block) >= 0,
                        "HDF5 cannot reserve {} bytes at the beginning of a file", user_block);
    File file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
    require_h5<IoError>(bool(file), "cannot create {}", path.string());
    close_on_exec(file);
    return file;
}

File open_for_reading(std::filesystem::path const& path) {
    auto const access = access_list();
    File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
    require_h5<DataError>(bool(file), "HDF5 cannot open {}", path.string());
    close_on_exec(file);
    return file;
}

File open_in_parallel(std::filesystem::path const& path, Access access) {
    auto const list = access_list();
    require_h5<IoError>(H5Pset_fapl_mpio(list.get(), MPI_COMM_SELF, MPI_INFO_NULL) >= 0,
                        "HDF5 cannot use MPI-IO for {}", path.string());
    File file(H5Fopen(path.c_str(), access == Access::read ? H5F_ACC_RDONLY : H5F_ACC_RDWR, list.get()));
    require_h5<IoError>(bool(file), "cannot open {} by HDF5's parallel driver", path.string());
    return file;
}

void flush(File const& file) {
    require_h5<IoError>(H5Fflush(file.get(), H5F_SCOPE_LOCAL) >= 0, "HDF5 cannot flush a file");
}

std::string library_version() {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    H5get_libversion(&major, &minor, &release);
    return fmt::format("HDF5 {}.{}.{}", major, minor, release);
}

}  // namespace vaster::h5
