#include "core/store/lock.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

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

constexpr std::chrono::milliseconds between_tries(50);

std::filesystem::path lock_of(std::filesystem::path const& file) {
    return file.string() + ".lock";
}

/// Is the file behind the descriptor still the one of that name? A holder that ends removes it.
bool is_still_there(Descriptor const& file, std::filesystem::path const& path) {
    struct stat ours {};

    struct stat named {};

    return ::fstat(file.get(), &ours) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/// @throws IoError when there is no room for it; the lock file is then gone
void write_name(Descriptor const& file, std::filesystem::path const& path) {
    auto const name = name_of_this_process();

    struct stat info {};

    require<IoError>(
        ::fstat(file.get(), &info) == 0 && info.st_size <= static_cast<off_t>(most_lock_bytes),
        "{} is not a lock file: it has {} bytes; move it, for the lock of the study needs its name",
        path.string(), info.st_size);
    ssize_t const written =
        ::ftruncate(file.get(), 0) == 0 ? ::pwrite(file.get(), name.data(), name.size(), 0) : -1;
    if (written == static_cast<ssize_t>(name.size())) return;
    int const problem = written < 0 ? errno : ENOSPC;  // which is what cuts a piece short
    ::unlink(path.c_str());
    throw IoError(fmt::format("cannot write {}: {}", path.string(), system_reason(problem)));
}

/// The open lock file if the lock is ours now.
Descriptor try_to_take(std::filesystem::path const& path, HolderWatch const& watch) {
    Descriptor file = open_own_file(path, O_RDWR | O_CREAT);
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

std::optional<Holder> holder_by_name(std::filesystem::path const& lock_file) {
    Descriptor const file = open_own_file(lock_file, O_RDONLY);
    if (!file || ::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
    bool const locked = errno == EWOULDBLOCK;
    auto holder = read_holder(lock_file);
    if (!locked && holder && is_dead(*holder)) return std::nullopt;
    return holder;
}

std::optional<Holder> holder_by_claim(std::filesystem::path const& study) {
    auto const process = claimant_of(study);
    if (!process) return std::nullopt;
    return Holder{host_name(), *process, ""};
}

[[noreturn]] void refuse_second_name(std::filesystem::path const& study) {
    Holder const holder{host_name(), claimant_of(study).value_or(0), ""};
    throw UnavailableError(
        fmt::format("{} is being written by {}, under another name of the same file (a hard link or a bind "
                    "mount): wait until "
                    "that has ended, or stop it",
                    study.string(), holder.text()));
}

/// Somebody else who is named in the lock file, if it can be read.
std::optional<Holder> other_holder(std::filesystem::path const& path) noexcept {
    try {
        auto holder = read_holder(path);
        bool const is_ours = holder && holder->host == host_name() && holder->pid == ::getpid();
        if (is_ours) holder.reset();
        return holder;
    } catch (std::exception const&) {
        return std::nullopt;
    }
}

/// @returns whether the lock is still this process's, as far as its file says
bool beat_once(std::filesystem::path const& path) noexcept {
    if (other_holder(path)) return false;
    try {
        Descriptor const file = open_own_file(path, O_WRONLY);
        if (!file) return true;  // somebody has removed it: there is nothing left to show
        auto const text = fmt::format("{}alive at {}\n", name_of_this_process(), utc_text(wall_seconds()));
        if (::pwrite(file.get(), text.data(), text.size(), 0) > 0) ::fsync(file.get());
    } catch (std::exception const&) {
        return true;  // somebody has put something else in its place
    }
    return true;
}

}  // namespace

/// A thread, since whoever has the lock may be busy for long: with data to read, or waiting for other ranks.
class StudyLock::Beats {
  public:
    Beats(std::filesystem::path path, double seconds) : path_(std::move(path)), seconds_(seconds) {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the other threads
        thread_ = std::thread([this] { beat(); });
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    ~Beats() {
        {
            std::lock_guard const guard(mutex_);
            is_over_ = true;
        }
        ended_.notify_one();
        thread_.join();
    }

    Beats(Beats const&) = delete;
    Beats& operator=(Beats const&) = delete;

    [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }

  private:
    void beat() {
        std::unique_lock guard(mutex_);
        while (
            !ended_.wait_for(guard, std::chrono::duration<double>(seconds_), [this] { return is_over_; })) {
            guard.unlock();
            if (!beat_once(path_)) is_lost_ = true;
            guard.lock();
        }
    }

    std::filesystem::path path_;
    double seconds_;
    std::atomic<bool> is_lost_ = false;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool is_over_ = false;
    std::thread thread_;
};

std::string Holder::text() const {
    std::string const who = pid > 0 ? fmt::format("process {}", pid) : "a process";
    return fmt::format("{}{} on {}{}{}", who, user.empty() ? "" : " of " + user, host,
                       job.empty() ? "" : fmt::format(" (Slurm job {})", job),
                       since.empty() ? "" : " since " + since);
}

StudyLock::StudyLock(std::filesystem::path const& study, LockPatience patience)
    : study_(study), path_(lock_of(target_to_write(study))) {
    double const start = monotonic_seconds();
    HolderWatch watch(patience.silent_seconds);
    for (;;) {
        watch.look(path_);
        file_ = try_to_take(path_, watch);
        if (file_) break;
        auto const holder = read_holder(path_);
        // A network file system holds the lock of a host that has lost its power until it misses that itself.
        double const longest = watch.is_silent() ? std::max(patience.busy_seconds, patience.freed_seconds)
                                                 : patience.busy_seconds;
        require<UnavailableError>(
            watch.undecided() || monotonic_seconds() < start + longest,
            "{} is being written by {}: wait until that has ended, or stop it; the lock is {}",
            study.string(), holder ? holder->text() : "another process", path_.string());
        std::this_thread::sleep_for(between_tries);
    }
    try {
        claim(patience.busy_seconds);
        beats_ = std::make_unique<Beats>(path_, patience.beat_seconds);
    } catch (...) {
        ::unlink(path_.c_str());
        throw;
    }
}

void StudyLock::claim(double patience_seconds) {
    double const deadline = monotonic_seconds() + patience_seconds;
    for (;;) {
        if (auto taken = FileClaim::on(study_)) {
            claim_ = std::move(*taken);
            return;
        }
        if (monotonic_seconds() >= deadline) refuse_second_name(study_);
        std::this_thread::sleep_for(between_tries);
    }
}

void StudyLock::cover_new_file() {
    claim_ = {};  // a file system may give the number of the old file to the new one
    claim(LockPatience().busy_seconds);
}

StudyLock::StudyLock(StudyLock&&) noexcept = default;

StudyLock::~StudyLock() {
    beats_.reset();
    if (file_ && !other_holder(path_)) ::unlink(path_.c_str());
}

void StudyLock::require_held() const {
    if (!beats_->is_lost()) return;
    auto const holder = other_holder(path_);
    throw UnavailableError(
        fmt::format("{} is being written by {} now, which took the lock over: this run was stopped for a "
                    "while, or its file "
                    "system did not show that it is alive; what is done is in the file",
                    study_.string(), holder ? holder->text() : "another process"));
}

void StudyLock::beat() const noexcept {
    beat_once(path_);
}

std::optional<Holder> holder_of(std::filesystem::path const& study) {
    auto holder = holder_by_name(lock_of(target_of(study)));
    return holder ? holder : holder_by_claim(study);
}

}  // namespace vaster::store
