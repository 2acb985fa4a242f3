// What nobody needs any more: files of versions that were thrown away, of no version, of writers that have
// died.
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/registry/registry.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

namespace fs = std::filesystem;

constexpr double day = 86400;  // [s]

double age_of(fs::path const& path) {
    struct stat info {};

    return ::stat(path.c_str(), &info) == 0 ? wall_seconds() - static_cast<double>(info.st_mtim.tv_sec) : 0;
}

bool is_old(Version const& version, std::string const& limit) {
    return version.status == Status::trashed && version.status_since <= limit;
}

/// Hashes of the files of all versions that are not deleted, nor in the trash since before the limit.
std::set<std::string> files_in_use(Registry const& registry, std::string const& limit) {
    std::set<std::string> used;
    for (auto const& name : registry.names())
        for (auto const& version : registry.state(name).versions)
            if (!version.deleted && !is_old(version, limit)) used.insert(version.kept.file_hash);
    return used;
}

std::vector<fs::path> files_below(fs::path const& folder) {
    std::vector<fs::path> files;
    std::error_code problem;
    for (fs::recursive_directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem))
        if (entry->is_regular_file()) files.push_back(entry->path());
    return files;
}

/// Takes the file out of the way first: whoever registers it meanwhile puts it back, and so do we when
/// somebody did before.
void remove(Registry const& registry, fs::path const& file, std::string const& hash) {
    auto const aside = registry.folder() / "tmp" / fmt::format("{}.{}.gone", host_name(), hash.substr(0, 16));
    rename_durably(file, aside);
    if (files_in_use(registry, "").contains(hash)) return rename_durably(aside, file);
    fs::remove(aside);
}

}  // namespace

Garbage Registry::collect(double older_than_seconds, bool dry_run) const {
    Garbage garbage;
    auto const limit = utc_text(wall_seconds() - older_than_seconds);
    std::set<std::string> given_up;
    for (auto const& name : names())
        for (auto const& version : state(name).versions) {
            if (version.deleted || !is_old(version, limit)) continue;
            garbage.versions.push_back(fmt::format("{}:{}", name, version.number));
            given_up.insert(version.kept.file_hash);
            if (!dry_run) (void)change(name, {{What::deleted, version.number}});
        }
    auto const used = files_in_use(*this, limit);
    for (auto const& file : files_below(folder_ / "content")) {
        auto const hash = file.stem().string();
        if (used.contains(hash) || (!given_up.contains(hash) && age_of(file) < day)) continue;
        ++garbage.n_files;
        garbage.n_bytes += fs::file_size(file);
        if (!dry_run) remove(*this, file, hash);
    }
    for (auto const& file : files_below(folder_ / "tmp"))
        if (age_of(file) > day && !dry_run) fs::remove(file);
    return garbage;
}

}  // namespace vaster::registry
