#include "domains/stream/study/hashed_file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

/// Written and hashed together: they stay in the processor's cache in between.
constexpr std::size_t buffer_bytes = std::size_t{256} << 10U;

void write_all(int file, std::string_view bytes, fs::path const& path) {
    while (!bytes.empty()) {
        auto const n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n > 0, "cannot write {}: {}", path.string(), system_reason(errno));
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

}  // namespace

fs::path const& with_folder(fs::path const& path) {
    std::error_code problem;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), problem);
    require<IoError>(!problem, "cannot make the folder {}: {}", path.parent_path().string(),
                     problem.message());
    return path;
}

void write_at(int file, std::uint64_t at, std::string_view bytes, fs::path const& path) {
    while (!bytes.empty()) {
        auto const n = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n > 0, "cannot write {}: {}", path.string(), system_reason(errno));
        bytes.remove_prefix(static_cast<std::size_t>(n));
        at += static_cast<std::uint64_t>(n);
    }
}

HashedFile::HashedFile(fs::path const& path)
    : path_(path), file_(with_folder(path)), descriptor_(::open(file_.path().c_str(), O_WRONLY | O_CLOEXEC)) {
    require<IoError>(bool(descriptor_), "cannot write {}: {}", path.string(), system_reason(errno));
    buffer_.reserve(buffer_bytes);
}

void HashedFile::write(std::string_view bytes) {
    n_bytes_ += bytes.size();
    while (bytes.size() >= buffer_bytes) {  // not copied
        flush();
        auto const piece = bytes.substr(0, buffer_bytes);
        write_all(descriptor_.get(), piece, path_);
        hash_.add(piece);
        bytes.remove_prefix(piece.size());
    }
    while (!bytes.empty()) {
        auto const n = std::min(bytes.size(), buffer_bytes - buffer_.size());
        buffer_.append(bytes.substr(0, n));
        bytes.remove_prefix(n);
        if (buffer_.size() == buffer_bytes) flush();
    }
}

void HashedFile::flush() {
    write_all(descriptor_.get(), buffer_, path_);
    hash_.add(buffer_);
    buffer_.clear();
}

std::string HashedFile::hash() {
    flush();
    return hash_.text();
}

void HashedFile::keep(Sync sync) {
    flush();
    if (sync == Sync::now)
        file_.become(path_);
    else
        file_.become_unsynced(path_);
}

std::string hash_of_file(fs::path const& path) {
    try {
        return content_hash(open_plain(path), path);
    } catch (Error const&) {
        return "";
    }
}

}  // namespace vaster::stream
