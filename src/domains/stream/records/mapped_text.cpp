#include "domains/stream/records/mapped_text.hpp"

#include <cerrno>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/gzip.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/sealed_block.hpp"

namespace vaster::stream {
namespace {

std::size_t whole_pages(std::size_t bytes) {
    static auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

void write_all(int fd, std::string_view bytes, std::filesystem::path const& path) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        require<IoError>(written >= 0, "cannot unpack {} into memory: {}", path.string(),
                         system_reason(errno));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// What is packed in a file, in memory without a name.
PlainFile unpacked(std::string_view packed, std::filesystem::path const& path, std::uint64_t most) {
    PlainFile memory{SealedBlock::new_memory()};
    unpack_gzip(packed, path.string(), [&](std::string_view piece) {
        require<DataError>(
            memory.size + piece.size() <= most,
            "{} is packed, and what is in it is more than the {} bytes that input.memory leaves "
            "for it: a packed file is unpacked into memory; unpack it on the disk (gunzip -k), "
            "or raise input.memory",
            path.string(), most);
        write_all(memory.file.get(), piece, path);
        memory.size += piece.size();
    });
    return memory;
}

}  // namespace

// From here on the destructor gives the pages back, whatever is thrown.
MappedText::MappedText(std::filesystem::path const& path, std::size_t padding, std::uint64_t most_unpacked)
    : MappedText() {
    auto const opened = open_plain(path);
    map(opened.file.get(), opened.size, padding, path);
    modified_ = opened.modified;
    if (!is_gzip(text_)) return;
    auto const content = unpacked(text_, path, most_unpacked);
    unmap();
    map(content.file.get(), content.size, padding, path);
    was_packed_ = true;
}

MappedText::MappedText(std::string_view text, std::shared_ptr<void const> keeper, std::int64_t modified)
    : text_(text), keeper_(std::move(keeper)), modified_(modified), was_packed_(true) {}

void MappedText::map(int file, std::size_t size, std::size_t padding, std::filesystem::path const& path) {
    mapped_ = whole_pages(size) + whole_pages(padding);
    // Empty pages first; the file's take the place of all but the last ones.
    void* const begin =
        ::mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require<IoError>(begin != MAP_FAILED, "cannot map {} ({} bytes): {}", path.string(), size,
                     system_reason(errno));
    begin_ = begin;
    text_ = {static_cast<char const*>(begin_), size};
    if (size == 0) return;
    void* const placed = ::mmap(begin_, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0);
    int const problem = errno;
    if (placed == MAP_FAILED) unmap();
    require<IoError>(placed != MAP_FAILED, "cannot map {} ({} bytes): {}", path.string(), size,
                     system_reason(problem));
}

void MappedText::map_pages() const noexcept {
    if (begin_ != nullptr) ::madvise(begin_, whole_pages(text_.size()), MADV_POPULATE_READ);
}

void MappedText::unmap() noexcept {
    if (begin_ != nullptr) ::munmap(begin_, mapped_);
    begin_ = nullptr;
}

MappedText::~MappedText() {
    unmap();
}

MappedText::MappedText(MappedText&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      text_(std::exchange(other.text_, {})),
      keeper_(std::move(other.keeper_)),
      modified_(other.modified_),
      was_packed_(other.was_packed_) {}

MappedText& MappedText::operator=(MappedText&& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(mapped_, other.mapped_);
    std::swap(text_, other.text_);
    std::swap(keeper_, other.keeper_);
    std::swap(modified_, other.modified_);
    std::swap(was_packed_, other.was_packed_);
    return *this;
}

}  // namespace vaster::stream
