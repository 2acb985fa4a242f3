#include "seal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vaster/store/header.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/files.hpp"
#include "vaster/support/hash.hpp"

namespace vaster::store {
namespace {

/// What the lines of a seal say, in their order: "vaster-study 1", "size N", "range B E"..., "crc XXXXXXXX".
struct Seal {
    std::uint64_t size = 0;
    std::vector<Range> ranges;
    std::uint32_t crc = 0;
};

std::uint64_t size_of_file(int fd, std::filesystem::path const& path) {
    struct stat info {};

    require<IoError>(::fstat(fd, &info) == 0, "cannot read {}: {}", path.string(), system_reason(errno));
    require<DataError>(S_ISREG(info.st_mode), "{} is no file", path.string());
    return static_cast<std::uint64_t>(info.st_size);
}

/// Reads as many bytes as there are, at most bytes.size().
std::size_t read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset,
                    std::filesystem::path const& path) {
    std::size_t got = 0;
    while (got < bytes.size()) {
        ssize_t const n =
            ::pread(fd, bytes.data() + got, bytes.size() - got, static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n >= 0, "cannot read {}: {}", path.string(), system_reason(errno));
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

/// Checksum of the seal's lines before the last, its size and ranges, and of all bytes outside the ranges.
std::uint32_t checksum_of(int fd, std::string_view lines, Seal const& seal,
                          std::filesystem::path const& path) {
    std::uint32_t crc = crc32(std::as_bytes(std::span(lines)));
    std::array<std::byte, 1 << 16> buffer{};
    std::uint64_t at = seal_bytes;
    auto const add_until = [&](std::uint64_t end) {
        while (at < end) {
            auto const part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at));
            require<DataError>(read_at(fd, part, at, path) == part.size(), "{} is cut short", path.string());
            crc = crc32(part, crc);
            at += part.size();
        }
    };
    for (auto const& range : seal.ranges) {
        add_until(range.begin);
        at = range.end;
    }
    add_until(seal.size);
    return crc;
}

std::string lines_of(Seal const& seal) {
    std::string lines = fmt::format("{} {}\nsize {}\n", file_type, format_version, seal.size);
    for (auto const& range : seal.ranges) lines += fmt::format("range {} {}\n", range.begin, range.end);
    return lines;
}

/// The seal, if the text is exactly what write_seal() makes of one.
bool parse(std::string const& text, Seal& seal) {
    std::istringstream in(text);
    std::string word;
    std::int64_t version = 0;
    if (!(in >> word >> version >> word >> seal.size) || word != "size") return false;
    while (in >> word && word == "range") {
        Range range;
        if (!(in >> range.begin >> range.end)) return false;
        auto const after = seal.ranges.empty() ? seal_bytes : seal.ranges.back().end;
        if (range.begin < after || range.end < range.begin || range.end > seal.size) return false;
        seal.ranges.push_back(range);
    }
    if (word != "crc" || !(in >> std::hex >> seal.crc)) return false;
    return text == lines_of(seal) + fmt::format("crc {:08x}\n", seal.crc);
}

void require_study_file(std::string const& beginning, std::filesystem::path const& path) {
    auto const magic = fmt::format("{} ", file_type);
    bool const is_hdf5 = beginning.starts_with("\x89HDF");
    require<DataError>(beginning.starts_with(magic), "{} is not a vaster study file{}", path.string(),
                       is_hdf5 ? " but another HDF5 file" : "");
    auto const version = beginning.substr(magic.size(), beginning.find('\n') - magic.size());
    require<DataError>(
        version == std::to_string(format_version),
        "{} has format version '{}', but this program reads version {}: use the program that made it",
        path.string(), version.substr(0, 20), format_version);
}

}  // namespace

void write_seal(std::filesystem::path const& path, std::vector<Range> ranges) {
    Descriptor const file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    std::sort(ranges.begin(), ranges.end(), [](Range const& a, Range const& b) { return a.begin < b.begin; });
    Seal seal{size_of_file(file.get(), path), std::move(ranges), 0};
    auto text = lines_of(seal);
    text += fmt::format("crc {:08x}\n", checksum_of(file.get(), text, seal, path));
    if (text.size() >= seal_bytes) throw std::logic_error("too many arrays for the seal of a study file");
    auto const written = ::pwrite(file.get(), text.data(), text.size(), 0);
    require<IoError>(written == static_cast<ssize_t>(text.size()), "cannot write {}: {}", path.string(),
                     system_reason(errno));
}

void check_seal(std::filesystem::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    auto const size = size_of_file(file.get(), path);
    std::string text(seal_bytes, '\0');
    text.resize(read_at(file.get(), std::as_writable_bytes(std::span(text)), 0, path));
    require_study_file(text, path);
    text.resize(text.find_last_not_of('\0') + 1);
    Seal seal;
    bool const readable = parse(text, seal);
    require<DataError>(!readable || size == seal.size,
                       "{} has {} bytes instead of {}: it was cut short or added to; use a complete copy",
                       path.string(), size, seal.size);
    require<DataError>(readable && checksum_of(file.get(), lines_of(seal), seal, path) == seal.crc,
                       "{} is damaged outside of its results: a checksum does not hold; use an intact copy",
                       path.string());
}

}  // namespace vaster::store
