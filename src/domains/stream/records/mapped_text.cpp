#include "domains/stream/records/mapped_text.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

/// An opened file of known size.
struct Opened {
    Descriptor file;
    std::size_t size = 0;
};

Opened open_plain(std::filesystem::path const& path) {
    // O_NONBLOCK: nobody waits for the other end of a pipe that is refused anyway.
    Opened opened{Descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))};
    require<IoError>(bool(opened.file), "cannot open {}: {}", path.string(), system_reason(errno));

    struct stat info {};

    require<IoError>(::fstat(opened.file.get(), &info) == 0, "cannot look at {}: {}", path.string(),
                     system_reason(errno));
    require<IoError>(!S_ISDIR(info.st_mode), "{} is a directory: name the files in it", path.string());
    require<IoError>(
        S_ISREG(info.st_mode),
        "{} is no plain file (records are read more than once, which a pipe or a device does not "
        "allow): write them to a file first",
        path.string());
    opened.size = static_cast<std::size_t>(info.st_size);
    return opened;
}

std::size_t whole_pages(std::size_t bytes) {
    static auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

}  // namespace

MappedText::MappedText(std::filesystem::path const& path, std::size_t padding) {
    auto const opened = open_plain(path);
    mapped_ = whole_pages(opened.size) + whole_pages(padding);
    // Empty pages first; the file's take the place of all but the last ones.
    begin_ = ::mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require<IoError>(begin_ != MAP_FAILED, "cannot map {} ({} bytes): {}", path.string(), opened.size,
                     system_reason(errno));
    if (opened.size > 0) {
        void* const file =
            ::mmap(begin_, opened.size, PROT_READ, MAP_PRIVATE | MAP_FIXED, opened.file.get(), 0);
        int const problem = errno;
        if (file == MAP_FAILED) ::munmap(begin_, mapped_);
        require<IoError>(file != MAP_FAILED, "cannot map {} ({} bytes): {}", path.string(), opened.size,
                         system_reason(problem));
    }
    text_ = {static_cast<char const*>(begin_), opened.size};
}

MappedText::~MappedText() {
    if (begin_ != nullptr) ::munmap(begin_, mapped_);
}

MappedText::MappedText(MappedText&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      text_(std::exchange(other.text_, {})) {}

MappedText& MappedText::operator=(MappedText&& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(mapped_, other.mapped_);
    std::swap(text_, other.text_);
    return *this;
}

}  // namespace vaster::stream
