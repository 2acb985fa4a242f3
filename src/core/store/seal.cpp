#include "core/store/seal.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "core/store/header.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

std::uint64_t size_of_file(int fd, std::filesystem::path const& path) {
    struct stat info {};

    bool const done = ::fstat(fd, &info) == 0;
    require<IoError>(done, "cannot read {}: {}", path.string(), system_reason(errno));
    require<DataError>(S_ISREG(info.st_mode), "{} is not a file", path.string());
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

/// The bytes of a part of the file; shorter where the file ends before it.
std::string read_part(int fd, Range const& part, std::filesystem::path const& path) {
    auto const end = std::min(part.end, size_of_file(fd, path));
    std::string bytes(end > part.begin ? end - part.begin : 0, '\0');
    bytes.resize(read_at(fd, std::as_writable_bytes(std::span(bytes)), part.begin, path));
    return bytes;
}

std::string read_structure(int fd, Seal const& seal, std::filesystem::path const& path) {
    std::string structure;
    for (auto const& part : structure_of(seal)) structure += read_part(fd, part, path);
    return structure;
}

std::uint32_t crc_of(std::string_view a, std::string_view b = {}) {
    return crc32(std::as_bytes(std::span(b)), crc32(std::as_bytes(std::span(a))));
}

std::uint64_t structure_bytes(Seal const& seal) {
    std::uint64_t bytes = 0;
    for (auto const& part : structure_of(seal)) bytes += part.end - part.begin;
    return bytes;
}

std::string lines_of(Seal const& seal) {
    std::string lines = fmt::format("{} {}\nsize {}\n{} {} {}\n", file_type, format_version, seal.size,
                                    mirror_word, seal_bytes, seal.user_block);
    for (auto const& range : seal.ranges) lines += fmt::format("range {} {}\n", range.begin, range.end);
    return lines;
}

std::string text_of(Seal const& seal) {
    return lines_of(seal) + fmt::format("crc {:08x}\n", seal.crc);
}

bool holds(Blueprint const& blueprint) {
    return crc_of(lines_of(blueprint.seal), blueprint.structure) == blueprint.seal.crc;
}

/// The seal, if the text is exactly what write_seal() makes of one.
bool parse(std::string const& text, Seal& seal) {
    std::istringstream in(text);
    std::string word;
    std::int64_t version = 0;
    std::uint64_t begin = 0;
    if (!(in >> word >> version >> word >> seal.size) || word != "size") return false;
    if (!(in >> word >> begin >> seal.user_block) || word != mirror_word) return false;
    if (seal.user_block < 2 * seal_bytes || seal.user_block > seal.size) return false;
    while (in >> word && word == "range") {
        Range range;
        if (!(in >> range.begin >> range.end)) return false;
        auto const after = seal.ranges.empty() ? seal.user_block : seal.ranges.back().end;
        if (range.begin < after || range.end < range.begin || range.end > seal.size) return false;
        seal.ranges.push_back(range);
    }
    if (word != "crc" || !(in >> std::hex >> seal.crc)) return false;
    return text == text_of(seal) && structure_bytes(seal) < seal.user_block;
}

std::string read_seal_text(int fd, std::filesystem::path const& path) {
    auto text = read_part(fd, {0, seal_bytes}, path);
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
}

void require_study_file(std::string const& beginning, std::filesystem::path const& path) {
    auto const magic = fmt::format("{} ", file_type);
    require<DataError>(!beginning.starts_with("vaster-model "),
                       "{} is a model file, not a study file: 'model show' says what it holds",
                       path.string());
    bool const is_hdf5 = beginning.starts_with("\x89HDF");
    require<DataError>(beginning.starts_with(magic), "{} is not a vaster study file{}", path.string(),
                       is_hdf5 ? " but another HDF5 file" : "");
    auto const version = beginning.substr(magic.size(), beginning.find('\n') - magic.size());
    require<DataError>(
        version == std::to_string(format_version),
        "{} has format version '{}', but this program reads version {}: use the program that made it",
        path.string(), version.substr(0, 20), format_version);
}

/// The block between seal and structure: "mirror END CRC", then the seal's text, the structure, and zeros.
std::string mirror_of(Blueprint const& blueprint) {
    auto content = text_of(blueprint.seal) + blueprint.structure;
    auto head = [&](std::uint32_t crc) {
        return fmt::format("{} {:020} {:08x}\n", mirror_word, blueprint.seal.user_block, crc);
    };
    auto const room = blueprint.seal.user_block - seal_bytes - head(0).size();
    if (content.size() > room) throw std::logic_error("too little room for the mirror of a study file");
    content.resize(room, '\0');
    return head(crc_of(content)) + content;
}

/// @return whether the mirror holds
bool read_mirror(int fd, std::filesystem::path const& path, Blueprint& blueprint) {
    auto const size = size_of_file(fd, path);
    std::istringstream in(read_part(fd, {seal_bytes, seal_bytes + 64}, path));
    std::string word;
    std::uint64_t end = 0;
    std::uint32_t crc = 0;
    if (!(in >> word >> end >> std::hex >> crc) || word != mirror_word) return false;
    if (end < 2 * seal_bytes || end > size) return false;
    auto const block = read_part(fd, {seal_bytes, end}, path);
    auto const content = block.substr(block.find('\n') + 1);
    if (crc_of(content) != crc) return false;
    auto const text_end = content.find('\n', content.find("\ncrc ") + 1) + 1;
    if (!parse(content.substr(0, text_end), blueprint.seal) || blueprint.seal.user_block != end) return false;
    blueprint.structure = content.substr(text_end, structure_bytes(blueprint.seal));
    return holds(blueprint) && mirror_of(blueprint) == block;
}

/// A file whose first block is lost, as file systems that crash leave blocks of zeros, while the mirror of it
/// holds.
bool lacks_only_its_beginning(int fd, std::string const& beginning, std::filesystem::path const& path) {
    Blueprint mirrored;
    return !beginning.starts_with(fmt::format("{} ", file_type)) && read_mirror(fd, path, mirrored);
}

constexpr auto can_be_saved =
    "`vaster checkpoint salvage` makes a new file of every result whose checksum holds";

}  // namespace

std::vector<Range> structure_of(Seal const& seal) {
    std::vector<Range> parts;
    std::uint64_t at = seal.user_block;
    for (auto const& range : seal.ranges) {
        parts.push_back({at, range.begin});
        at = range.end;
    }
    parts.push_back({at, seal.size});
    return parts;
}

std::uint64_t user_block_for(std::uint64_t bytes_of_structure) {
    return std::max(usual_user_block, std::bit_ceil(3 * seal_bytes + bytes_of_structure));
}

void write_seal(std::filesystem::path const& path, std::uint64_t user_block, std::vector<Range> ranges) {
    Descriptor const file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    std::sort(ranges.begin(), ranges.end(), [](Range const& a, Range const& b) { return a.begin < b.begin; });
    Blueprint sealed{{size_of_file(file.get(), path), user_block, std::move(ranges), 0}, {}};
    sealed.structure = read_structure(file.get(), sealed.seal, path);
    sealed.seal.crc = crc_of(lines_of(sealed.seal), sealed.structure);
    auto text = text_of(sealed.seal);
    if (text.size() >= seal_bytes) throw std::logic_error("too many arrays for the seal of a study file");
    text.resize(seal_bytes, '\0');
    text += mirror_of(sealed);
    auto const written = ::pwrite(file.get(), text.data(), text.size(), 0);
    int const problem = written < 0 ? errno : ENOSPC;  // which is what cuts a piece short
    require<IoError>(written == static_cast<ssize_t>(text.size()), "cannot write {}: {}", path.string(),
                     system_reason(problem));
}

void check_seal(std::filesystem::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    auto const size = size_of_file(file.get(), path);
    auto const text = read_seal_text(file.get(), path);
    require<DataError>(!lacks_only_its_beginning(file.get(), text, path),
                       "{} has lost its first {} bytes; use an intact copy, or {}", path.string(), seal_bytes,
                       can_be_saved);
    require_study_file(text, path);
    Blueprint found;
    bool const readable = parse(text, found.seal);
    require<DataError>(
        !readable || size == found.seal.size,
        "{} has {} bytes instead of {}: it was cut short or added to; use a complete copy, or {}",
        path.string(), size, found.seal.size, can_be_saved);
    bool sound = readable;
    if (sound) {
        found.structure = read_structure(file.get(), found.seal, path);
        sound = holds(found) &&
                read_part(file.get(), {seal_bytes, found.seal.user_block}, path) == mirror_of(found);
    }
    require<DataError>(
        sound, "{} is damaged outside of its results: a checksum does not hold; use an intact copy, or {}",
        path.string(), can_be_saved);
}

Blueprint read_blueprint(std::filesystem::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    Blueprint found;
    if (parse(read_seal_text(file.get(), path), found.seal)) {
        found.structure = read_structure(file.get(), found.seal, path);
        if (holds(found)) return found;
    }
    Blueprint mirrored;
    if (read_mirror(file.get(), path, mirrored)) return mirrored;
    require_study_file(read_seal_text(file.get(), path), path);
    throw DataError(fmt::format("{}: both its structure and the copy of it are damaged: nothing can be saved",
                                path.string()));
}

}  // namespace vaster::store
