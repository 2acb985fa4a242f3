#include "domains/stream/study/mapped_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {

MappedFile::MappedFile(std::filesystem::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot read {}: {}", path.string(), system_reason(errno));

    struct stat status {};

    require<IoError>(::fstat(file.get(), &status) == 0, "cannot read {}: {}", path.string(),
                     system_reason(errno));
    auto const size = static_cast<std::size_t>(status.st_size);
    if (size == 0) return;
    void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    require<IoError>(start != MAP_FAILED, "cannot read {}: {}", path.string(), system_reason(errno));
    bytes_ = {static_cast<char const*>(start), size};
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace vaster::stream
