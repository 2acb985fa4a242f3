#include "domains/stream/records/plain_file.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

struct stat status_of(int file, std::filesystem::path const& path) {
    struct stat info {};

    bool const seen = ::fstat(file, &info) == 0;
    require<IoError>(seen, "cannot look at {}: {}", path.string(), system_reason(errno));
    return info;
}

std::int64_t modified_of(struct stat const& info) {
    constexpr std::int64_t nano = 1'000'000'000;
    return info.st_mtim.tv_sec * nano + info.st_mtim.tv_nsec;
}

}  // namespace

PlainFile open_plain(std::filesystem::path const& path) {
    // O_NONBLOCK: nobody waits for the other end of a pipe that is refused anyway.
    PlainFile opened{Descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))};
    require<IoError>(bool(opened.file), "cannot open {}: {}", path.string(), system_reason(errno));
    auto const info = status_of(opened.file.get(), path);
    require<IoError>(!S_ISDIR(info.st_mode), "{} is a directory: name the files in it", path.string());
    require<IoError>(
        S_ISREG(info.st_mode),
        "{} is not a plain file (records are read more than once, which a pipe or a device does not "
        "allow): write them to a file first",
        path.string());
    opened.size = static_cast<std::uint64_t>(info.st_size);
    opened.modified = modified_of(info);
    return opened;
}

bool is_unchanged(PlainFile const& file, std::filesystem::path const& path) {
    auto const info = status_of(file.file.get(), path);
    return static_cast<std::uint64_t>(info.st_size) == file.size && modified_of(info) == file.modified;
}

std::size_t read_at(PlainFile const& file, std::uint64_t at, std::span<char> bytes,
                    std::filesystem::path const& path) {
    std::size_t taken = 0;
    while (taken < bytes.size()) {
        auto const n = ::pread(file.file.get(), bytes.data() + taken, bytes.size() - taken,
                               static_cast<off_t>(at + taken));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n >= 0, "cannot read {}: {}", path.string(), system_reason(errno));
        if (n == 0) break;
        taken += static_cast<std::size_t>(n);
    }
    return taken;
}

std::string content_hash(PlainFile const& file, std::filesystem::path const& path) {
    constexpr std::uint64_t most = std::uint64_t{256} << 10U;  // stays in a processor's cache
    ContentHash hash;
    std::string piece(std::min(file.size, most), '\0');
    for (std::uint64_t at = 0; at < file.size;) {
        auto const n = read_at(file, at, piece, path);
        if (n == 0) break;  // it was cut; its size says so later
        hash.add(std::string_view(piece).substr(0, n));
        at += n;
    }
    return hash.text();
}

}  // namespace vaster::stream
