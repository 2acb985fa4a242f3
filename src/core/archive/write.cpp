#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "base/support/byte_text.hpp"
#include "base/support/files.hpp"
#include "base/support/sha256.hpp"
#include "base/support/temporary_file.hpp"
#include "core/archive/archive.hpp"
#include "core/archive/index.hpp"
#include "core/h5/array.hpp"
#include "core/h5/file.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::archive {
namespace {

namespace fs = std::filesystem;

h5::Field value_of(Part const& part) {
    h5::Field field;
    switch (part.type) {
        case PartType::u8:
            field.type = h5::Scalar::uint8;
            break;
        case PartType::u16:
            field.type = h5::Scalar::uint16;
            break;
        case PartType::u32:
            field.type = h5::Scalar::uint32;
            break;
        case PartType::u64:
            field.type = h5::Scalar::uint64;
            break;
        case PartType::i32:
            field.type = h5::Scalar::int32;
            break;
        case PartType::f32:
            field.type = h5::Scalar::float32;
            break;
        case PartType::f64:
            field.type = h5::Scalar::float64;
            break;
        case PartType::text:
            field.type = h5::Scalar::text;
            field.width = part.bytes.size();
            break;
    }
    return field;
}

std::span<std::byte const> bytes_of(Part const& part) {
    return {part.bytes.data(), part.bytes.size()};
}

void check(std::string const& name, Part const& part) {
    if (part.type != PartType::text) return;
    bool const has_zero = std::find(part.bytes.begin(), part.bytes.end(), std::byte{0}) != part.bytes.end();
    if (part.shape.size() != 1 || has_zero)
        throw std::logic_error(
            fmt::format("part '{}' is a text with a zero byte, or of several dimensions", name));
}

/// The entries of all parts, which do not know yet where they are.
std::vector<Entry> entries_of(Parts const& parts) {
    std::vector<Entry> entries;
    entries.reserve(parts.all().size());
    for (auto const& [name, part] : parts.all()) {
        check(name, part);
        entries.push_back({name, part.type, part.shape, 0, part.bytes.size(), sha256_text(bytes_of(part))});
    }
    return entries;
}

std::string program_of(Parts const& parts) {
    auto const* const part = parts.find("provenance/program");
    if (part == nullptr || part->type != PartType::text || part->bytes.empty()) return "unknown";
    auto program = legible(parts.text("provenance/program"));
    std::replace(program.begin(), program.end(), '\n', ' ');
    return program;
}

/// Room for the index wherever the parts will lie.
std::uint64_t user_block_for(Index index) {
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    index.length = index.hdf5 = largest;
    for (auto& entry : index.entries) entry.offset = largest;
    return std::bit_ceil(std::max<std::uint64_t>(smallest_user_block, to_text(index).size() + 1));
}

void write_parts(fs::path const& path, Parts const& parts, Index& index) {
    auto file = h5::create_file(path, index.hdf5);
    auto entry = index.entries.begin();
    for (auto const& [name, part] : parts.all()) {
        auto const shape = part.type == PartType::text ? std::vector<std::uint64_t>() : part.shape;
        entry->offset = h5::write_array(file, name, value_of(part), shape, bytes_of(part));
        ++entry;
    }
    bool const closed = file.close_now();
    h5::require_h5<IoError>(closed, "cannot write {}", path.string());
}

/// The index, and spaces up to HDF5's part of the file.
void write_index(fs::path const& path, Index const& index) {
    auto text = to_text(index);
    text.resize(index.hdf5 - 1, ' ');
    text += '\n';
    Descriptor const file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    for (std::size_t written = 0; written < text.size();) {
        auto const n =
            ::pwrite(file.get(), text.data() + written, text.size() - written, static_cast<off_t>(written));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n > 0, "cannot write {}: {}", path.string(), system_reason(errno));
        written += static_cast<std::size_t>(n);
    }
}

}  // namespace

std::string content_of(Parts const& parts) {
    return content_hash(entries_of(parts));
}

void write_archive(fs::path const& path, Parts const& parts) {
    if (parts.all().size() > most_parts)
        throw std::logic_error(fmt::format("{} parts for a model file", parts.all().size()));
    Index index{program_of(parts), "", 0, 0, entries_of(parts)};
    index.content = content_hash(index.entries);
    index.hdf5 = user_block_for(index);
    auto const target = target_to_write(path);
    TemporaryFile temporary(target);
    write_parts(temporary.path(), parts, index);
    std::error_code problem;
    index.length = fs::file_size(temporary.path(), problem);
    require<IoError>(!problem, "cannot write {}: {}", path.string(), problem.message());
    write_index(temporary.path(), index);
    temporary.become(target);
}

}  // namespace vaster::archive
