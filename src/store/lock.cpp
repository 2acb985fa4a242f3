#include "vaster/store/lock.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vaster/support/clock.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

enum class Attempt { taken, held, unsupported };

std::filesystem::path lock_path(std::filesystem::path const& study) { return study.string() + ".lock"; }

std::string text_of_holder() {
    return fmt::format("{} {} {}\n", host_name(), ::getpid(), utc_text(wall_seconds()));
}

std::optional<Holder> read_holder(std::filesystem::path const& path) {
    try {
        std::istringstream in(read_file(path));
        Holder holder;
        if (in >> holder.host >> holder.pid >> holder.since) return holder;
    } catch (IoError const&) {
        return std::nullopt;  // gone meanwhile
    }
    return std::nullopt;
}

/// Is the file behind the descriptor still the one of that name? A holder that ends removes it.
bool is_still_there(int fd, std::filesystem::path const& path) {
    struct stat ours {};
    struct stat named {};
    return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

void write_holder(int fd, std::filesystem::path const& path) {
    auto const text = text_of_holder();
    bool const written = ::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    require<IoError>(written, "cannot write {}: {}", path.string(), system_reason(errno));
}

Attempt try_flock(std::filesystem::path const& path, Descriptor& file) {
    file = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    require<IoError>(bool(file), "cannot make the lock file {}: {}", path.string(), system_reason(errno));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK || errno == EINTR ? Attempt::held : Attempt::unsupported;
    if (!is_still_there(file.get(), path)) return Attempt::held;
    write_holder(file.get(), path);
    return Attempt::taken;
}

bool is_dead(Holder const& holder) {
    return holder.host == host_name() && ::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH;
}

/// For file systems without flock: who put his name into the file last, and still finds it there a moment later, holds
/// the lock. A holder on another host can only be believed.
Attempt try_name(std::filesystem::path const& path) {
    auto const holder = read_holder(path);
    if (holder && !is_dead(*holder)) return Attempt::held;
    auto const ours = text_of_holder();
    write_file_atomically(path, ours);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return read_file(path) == ours ? Attempt::taken : Attempt::held;
}

}  // namespace

std::string Holder::text() const { return fmt::format("process {} on {} since {}", pid, host, since); }

StudyLock::StudyLock(std::filesystem::path const& study, double wait_seconds) : path_(lock_path(study)) {
    double const deadline = monotonic_seconds() + wait_seconds;
    for (;;) {
        auto attempt = try_flock(path_, file_);
        if (attempt == Attempt::unsupported) attempt = try_name(path_);
        if (attempt == Attempt::taken) return;
        file_.reset();
        auto const holder = read_holder(path_);
        require<UnavailableError>(monotonic_seconds() < deadline,
                                  "{} is being written by {}: wait until that has ended, or stop it; the lock is {}",
                                  study.string(), holder ? holder->text() : "another process", path_.string());
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

StudyLock::~StudyLock() {
    if (file_) ::unlink(path_.c_str());
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
