#include "base/support/temporary_file.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t random_letters = 6;  // of mkostemp

fs::path folder_of(fs::path const& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string prefix_of(fs::path const& path) {
    return "." + path.filename().string() + ".";
}

}  // namespace

TemporaryFile::TemporaryFile(fs::path const& path) {
    std::string pattern = (folder_of(path) / (prefix_of(path) + std::string(random_letters, 'X'))).string();
    Descriptor const file(::mkostemp(pattern.data(), O_CLOEXEC));
    require<IoError>(bool(file), "cannot create {}: {}", path.string(), system_reason(errno));
    path_ = pattern;
    ::fchmod(file.get(), mode_of_successor(path));
}

TemporaryFile::~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::become(fs::path const& path) {
    Descriptor const file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    bool const done = bool(file) && ::fsync(file.get()) == 0;
    require<IoError>(done, "cannot sync {}: {}", path_.string(), system_reason(errno));
    rename_durably(path_, path);
    path_.clear();
}

void TemporaryFile::become_unsynced(fs::path const& path) {
    bool const done = ::rename(path_.c_str(), path.c_str()) == 0;
    require<IoError>(done, "cannot rename {} to {}: {}", path_.string(), path.string(), system_reason(errno));
    path_.clear();
}

void remove_left_overs(fs::path const& path) {
    auto const prefix = prefix_of(path);
    auto const is_left_over = [&](std::string const& name) {
        return name.size() == prefix.size() + random_letters && name.starts_with(prefix) &&
               std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                           [](unsigned char letter) { return std::isalnum(letter) != 0; });
    };
    std::error_code error;
    for (fs::directory_iterator entry(folder_of(path), error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code ignored;
        if (is_left_over(entry->path().filename().string())) fs::remove(entry->path(), ignored);
    }
}

}  // namespace vaster
