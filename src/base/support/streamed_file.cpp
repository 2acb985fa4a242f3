#include "base/support/streamed_file.hpp"

#include <cerrno>
#include <fstream>

#include "base/support/files.hpp"
#include "base/support/temporary_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

namespace fs = std::filesystem;

/// @param name  how messages name it
void stream_into(fs::path const& path, std::function<void(std::ostream&)> const& write,
                 fs::path const& name) {
    errno = 0;
    std::ofstream out(path, std::ios::binary);
    if (out) write(out);
    out.close();
    require<IoError>(bool(out), "cannot write {}: {}", name.string(),
                     system_reason(errno != 0 ? errno : EIO));
}

}  // namespace

void stream_file_atomically(fs::path const& name, std::function<void(std::ostream&)> const& write) {
    auto const path = target_to_write(name);
    std::error_code unknown;
    auto const there = fs::status(name, unknown);
    bool const takes_its_place = !fs::exists(there) || fs::is_regular_file(there) || fs::is_directory(there);
    if (!takes_its_place) return stream_into(name, write, name);
    TemporaryFile temporary(path);
    stream_into(temporary.path(), write, path);
    temporary.become(path);
}

}  // namespace vaster
