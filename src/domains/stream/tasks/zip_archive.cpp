#include "domains/stream/tasks/zip_archive.hpp"

#include <memory>

#include <fmt/core.h>
#include <zip.h>

#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr zip_uint16_t midnight = 0;
constexpr zip_uint16_t first_day = 0 << 9 | 1 << 5 | 1;  ///< 1980-01-01 as DOS writes it

struct FreeSource {
    void operator()(zip_source_t* source) const noexcept { zip_source_free(source); }
};

struct DiscardArchive {
    void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};

using Source = std::unique_ptr<zip_source_t, FreeSource>;
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

[[noreturn]] void fail(char const* reason) {
    throw IoError(fmt::format("cannot make a ZIP archive: {}", reason));
}

void add(zip_t* archive, ZipEntry const& entry) {
    // The archive owns the source once the file is added.
    Source source(zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0));
    if (!source) fail(zip_strerror(archive));
    auto const place = zip_file_add(archive, entry.name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (place < 0) fail(zip_strerror(archive));
    [[maybe_unused]] auto* const owned_by_archive = source.release();
    bool const dated =
        zip_file_set_dostime(archive, static_cast<zip_uint64_t>(place), midnight, first_day, 0) == 0;
    if (!dated) fail(zip_strerror(archive));
}

std::string bytes_of(zip_source_t* source) {
    zip_stat_t about;
    if (zip_source_stat(source, &about) != 0 || zip_source_open(source) != 0)
        fail(zip_error_strerror(zip_source_error(source)));
    std::string bytes(about.size, '\0');
    auto const n_read = zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    if (n_read < 0 || static_cast<std::size_t>(n_read) != bytes.size())
        fail(zip_error_strerror(zip_source_error(source)));
    return bytes;
}

}  // namespace

std::string zip_archive(std::span<ZipEntry const> entries) {
    zip_error_t error;
    zip_error_init(&error);
    Source const target(zip_source_buffer_create(nullptr, 0, 0, &error));
    if (!target) fail(zip_error_strerror(&error));
    zip_source_keep(target.get());  // the archive frees it once, too
    Archive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, &error));
    if (!archive) {
        zip_source_free(target.get());
        fail(zip_error_strerror(&error));
    }
    for (auto const& entry : entries) add(archive.get(), entry);
    if (zip_close(archive.get()) != 0) fail(zip_strerror(archive.get()));
    [[maybe_unused]] auto* const closed = archive.release();
    return bytes_of(target.get());
}

}  // namespace vaster::stream
