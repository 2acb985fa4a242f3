#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/store/file_claim.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::store {

/// Who writes a study file.
struct Holder {
    std::string host;
    std::int64_t pid = 0;
    std::string since;      ///< UTC; empty: not known
    std::string user = {};  ///< empty: not known
    std::string job = {};   ///< Slurm's number; empty: none, or not known

    /// "process 4711 of alice on node7 (Slurm job 17) since 2026-11-22T10:04:05Z"
    [[nodiscard]] std::string text() const;
};

/// How long a lock waits before it refuses or is taken over, and how often its holder gives a sign.
struct LockPatience {
    double busy_seconds = 5;     ///< for a holder that is about to end
    double silent_seconds = 20;  ///< for a sign of a holder on another host
    double freed_seconds = 60;   ///< in all, for the file system to give up the lock of a silent one
    double beat_seconds = 5;     ///< between two signs of this holder
};

/// Keeps two jobs from writing one study file: a lock on `<study>.lock`, which names its holder. Symbolic
/// links are followed, so that all of them have one lock; what else leads to the same file (hard links, bind
/// mounts) is noticed on the same host. MPI-IO takes no lock of its own. Held by rank 0 for the whole run.
/// The lock of a process of this host that died is free at once. On some file systems locks do not reach
/// other hosts; so a lock file that names another host is watched: its holder changes it every few seconds,
/// from the moment that it has the lock, by a thread of its own; and when it does not any more it is dead.
/// Should it have been stopped all that time, it finds that the lock is another's, and leaves it alone.
class StudyLock {
  public:
    /// @throws UnavailableError naming the holder
    /// @throws IoError when the lock file cannot be made
    explicit StudyLock(std::filesystem::path const& study, LockPatience patience = {});
    StudyLock(StudyLock&&) noexcept;
    StudyLock& operator=(StudyLock&&) = delete;
    ~StudyLock();

    /// Of a study file that has been made anew, which is another file than the one that the lock was taken
    /// for. @throws UnavailableError when somebody else has it already, under another name
    void cover_new_file();

    /// Shows that the holder is alive, unless the lock is another's by now.
    void beat() const noexcept;

    /// @throws UnavailableError when a beat has found that somebody else has taken the lock over
    void require_held() const;

  private:
    class Beats;

    void claim(double patience_seconds);

    std::filesystem::path study_;
    std::filesystem::path path_;
    Descriptor file_;
    FileClaim claim_;
    std::unique_ptr<Beats> beats_;
};

/// The process that holds the lock now, under whichever name of the file; nothing when nobody does.
[[nodiscard]] std::optional<Holder> holder_of(std::filesystem::path const& study);

}  // namespace vaster::store
