#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "vaster/support/descriptor.hpp"

namespace vaster::store {

/// Who writes a study file.
struct Holder {
    std::string host;
    std::int64_t pid = 0;
    std::string since;  ///< UTC

    /// "process 4711 on node7 since 2026-11-22T10:04:05Z"
    [[nodiscard]] std::string text() const;
};

/// How often the holder of a lock is to beat().
inline constexpr double beat_seconds = 5;

/// How long a lock waits before it refuses or is taken over.
struct LockPatience {
    double busy_seconds = 5;     ///< for a holder that is about to end
    double silent_seconds = 20;  ///< for a sign of a holder on another host
};

/// Keeps two jobs from writing one study file: a lock on `<study>.lock`, which names its holder. MPI-IO takes
/// no lock of its own. Held by rank 0 for the whole run. The lock of a process of this host that died is free
/// at once. On some file systems locks do not reach other hosts; so a lock file that names another host is
/// watched: its holder changes it every few seconds, and when it does not any more it is dead.
class StudyLock {
  public:
    /// @throws UnavailableError naming the holder
    /// @throws IoError when the lock file cannot be made
    explicit StudyLock(std::filesystem::path const& study, LockPatience patience = {});
    StudyLock(StudyLock&&) noexcept = default;
    StudyLock& operator=(StudyLock&&) = delete;
    ~StudyLock();

    /// Shows that the holder is alive.
    void beat() const noexcept;

  private:
    std::filesystem::path path_;
    Descriptor file_;
};

/// The process that holds the lock now; nothing when nobody does.
[[nodiscard]] std::optional<Holder> holder_of(std::filesystem::path const& study);

}  // namespace vaster::store
