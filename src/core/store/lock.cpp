#include "core/store/lock.hpp"

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/store/lock_names.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

std::filesystem::path lock_path(std::filesystem::path const& study) {
    return study.string() + ".lock";
}

/// Is the file behind the descriptor still the one of that name? A holder that ends removes it.
bool is_still_there(Descriptor const& file, std::filesystem::path const& path) {
    struct stat ours {};

    struct stat named {};

    return ::fstat(file.get(), &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/// @throws IoError when there is no room for it; the lock file is then gone
void write_name(Descriptor const& file, std::filesystem::path const& path) {
    auto const name = name_of_this_process();
    bool const written = ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), name.data(), name.size(),
                                                                     0) == static_cast<ssize_t>(name.size());
    if (written) return;
    int const problem = errno;
    ::unlink(path.c_str());
    throw IoError(fmt::format("cannot write {}: {}", path.string(), system_reason(problem)));
}

/// The open lock file if the lock is ours now.
Descriptor try_to_take(std::filesystem::path const& path, HolderWatch const& watch) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    require<IoError>(bool(file), "cannot make the lock file {}: {}", path.string(), system_reason(errno));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        if (!is_still_there(file, path) || !watch.is_free()) return {};
        write_name(file, path);
        return file;
    }
    bool const supported = errno == EWOULDBLOCK || errno == EINTR;
    if (supported || !take_by_name(path, watch)) return {};
    return file;
}

}  // namespace

std::string Holder::text() const {
    return fmt::format("process {} on {} since {}", pid, host, since);
}

StudyLock::StudyLock(std::filesystem::path const& study, LockPatience patience) : path_(lock_path(study)) {
    double const start = monotonic_seconds();
    HolderWatch watch(patience.silent_seconds);
    for (;;) {
        watch.look(path_);
        file_ = try_to_take(path_, watch);
        if (file_) return;
        auto const holder = read_holder(path_);
        require<UnavailableError>(
            watch.undecided() || monotonic_seconds() < start + patience.busy_seconds,
            "{} is being written by {}: wait until that has ended, or stop it; the lock is {}",
            study.string(), holder ? holder->text() : "another process", path_.string());
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

StudyLock::~StudyLock() {
    if (file_) ::unlink(path_.c_str());
}

void StudyLock::beat() const noexcept {
    Descriptor const file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return;  // somebody has removed it: there is nothing left to show
    auto const text = fmt::format("{}alive at {}\n", name_of_this_process(), utc_text(wall_seconds()));
    if (::pwrite(file.get(), text.data(), text.size(), 0) > 0) ::fsync(file.get());
}

std::optional<Holder> holder_of(std::filesystem::path const& study) {
    auto const path = lock_path(study);
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
    bool const locked = errno == EWOULDBLOCK;
    auto holder = read_holder(path);
    if (!locked && holder && is_dead(*holder)) return std::nullopt;
    return holder;
}

}  // namespace vaster::store
