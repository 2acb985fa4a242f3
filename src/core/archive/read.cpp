#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/sha256.hpp"
#include "core/archive/archive.hpp"
#include "core/archive/index.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::archive {
namespace {

namespace fs = std::filesystem;

std::string_view as_text(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

Descriptor open_file(fs::path const& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    return file;
}

std::uint64_t size_of_file(Descriptor const& file, fs::path const& path) {
    struct stat info {};

    bool const done = ::fstat(file.get(), &info) == 0;
    require<IoError>(done, "cannot read {}: {}", path.string(), system_reason(errno));
    require<DataError>(S_ISREG(info.st_mode),
                       "{} is not a file that holds a model: it is a folder, a pipe or a device",
                       path.string());
    return static_cast<std::uint64_t>(info.st_size);
}

/// Reads as many bytes as there are. @return how many these were
std::size_t read_from_beginning(Descriptor const& file, std::span<std::byte> bytes, fs::path const& path) {
    std::size_t got = 0;
    while (got < bytes.size()) {
        auto const n = ::pread(file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n >= 0, "cannot read {}: {}", path.string(), system_reason(errno));
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

/// @throws IoError when the file cannot be read, or memory is short
void copy_bytes(Descriptor const& file, Descriptor const& memory, std::uint64_t size, fs::path const& path) {
    for (off_t at = 0; static_cast<std::uint64_t>(at) < size;) {
        auto const n = ::sendfile(memory.get(), file.get(), &at, size - static_cast<std::uint64_t>(at));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n >= 0, "cannot copy {} into memory: {}", path.string(), system_reason(errno));
        if (n == 0) return;  // it is shorter now, which its index will show
    }
}

/// A file without the first line of a model file is refused before all of it is read.
void check_first_bytes(Descriptor const& file, std::uint64_t size, fs::path const& path) {
    std::array<std::byte, smallest_user_block> first{};
    auto const n = read_from_beginning(file, first, path);
    auto const text = as_text(std::span(first).first(n));
    if (begins_like_a_model(text)) return;
    try {
        (void)parse_index(text, size);
    } catch (DataError const& e) {
        throw DataError(fmt::format("{} {}", path.string(), e.what()));
    }
}

void check_hdf5(std::span<std::byte const> bytes, Index const& index) {
    constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
    require<DataError>(as_text(bytes.subspan(index.hdf5)).starts_with(signature),
                       "has no HDF5 file at byte {}, where its index says there is one", index.hdf5);
}

Parts parts_in(std::span<std::byte const> bytes, Index const& index,
               std::shared_ptr<void const> const& keeper) {
    Parts parts;
    for (auto const& entry : index.entries) {
        auto const part = bytes.subspan(entry.offset, entry.n_bytes);
        require<DataError>(sha256_text(part) == entry.sha256,
                           "is damaged: its part '{}' has another hash than its index says", entry.name);
        parts.put_part(entry.name, {entry.type, entry.shape, SharedArray<std::byte>(part, keeper)});
    }
    return parts;
}

}  // namespace

Archive read_archive(std::span<std::byte const> bytes, std::shared_ptr<void const> const& keeper,
                     std::string_view name) {
    VASTER_EXPECTS(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0);
    try {
        auto const index = parse_index(as_text(bytes), bytes.size());
        check_hdf5(bytes, index);
        return {parts_in(bytes, index, keeper), index.program, index.content, sha256_text(bytes),
                bytes.size()};
    } catch (DataError const& e) {
        throw DataError(fmt::format("{} {}", name, e.what()));
    }
}

Archive read_archive(std::shared_ptr<SealedBlock const> const& block, std::string_view name) {
    return read_archive(block->bytes(), block, name);
}

Archive read_archive(fs::path const& path) {
    auto const file = open_file(path);
    auto const size = size_of_file(file, path);
    check_first_bytes(file, size, path);
    auto const bytes = std::make_shared<std::vector<std::byte>>(size);
    bytes->resize(read_from_beginning(file, *bytes, path));
    return read_archive(*bytes, bytes, path.string());
}

Heading read_heading(fs::path const& path) {
    auto const file = open_file(path);
    auto const size = size_of_file(file, path);
    check_first_bytes(file, size, path);
    std::vector<std::byte> bytes(std::min(size, longest_index));
    bytes.resize(read_from_beginning(file, bytes, path));
    try {
        auto const index = parse_index(as_text(bytes), size);
        return {index.program, index.content};
    } catch (DataError const& e) {
        throw DataError(fmt::format("{} {}", path.string(), e.what()));
    }
}

std::shared_ptr<SealedBlock const> read_into_block(fs::path const& path) {
    auto const file = open_file(path);
    auto const size = size_of_file(file, path);
    check_first_bytes(file, size, path);
    auto memory = SealedBlock::new_memory();
    copy_bytes(file, memory, size, path);
    return SealedBlock::seal(std::move(memory));
}

bool is_archive(fs::path const& path) {
    std::array<std::byte, 32> first{};
    try {
        auto const file = open_file(path);
        (void)size_of_file(file, path);
        return begins_like_a_model(as_text(std::span(first).first(read_from_beginning(file, first, path))));
    } catch (Error const&) {
        return false;
    }
}

}  // namespace vaster::archive
