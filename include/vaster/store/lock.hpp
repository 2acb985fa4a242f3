#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "vaster/support/files.hpp"

namespace vaster::store {

/// Who writes a study file.
struct Holder {
    std::string host;
    std::int64_t pid = 0;
    std::string since;  ///< UTC

    /// "process 4711 on node7 since 2026-11-22T10:04:05Z"
    [[nodiscard]] std::string text() const;
};

/// Keeps two jobs from writing one study file: a lock on `<study>.lock`, which names its holder. MPI-IO takes
/// no lock of its own. Held by rank 0 for the whole run; the lock of a process that died is free at once.
class StudyLock {
  public:
    /// Waits for a holder that is about to end, then refuses.
    /// @throws UnavailableError naming the holder
    /// @throws IoError when the lock file cannot be made
    explicit StudyLock(std::filesystem::path const& study, double wait_seconds = 5.0);
    StudyLock(StudyLock&&) noexcept = default;
    StudyLock& operator=(StudyLock&&) = delete;
    ~StudyLock();

  private:
    std::filesystem::path path_;
    Descriptor file_;
};

/// The process that holds the lock now; nothing when nobody does.
[[nodiscard]] std::optional<Holder> holder_of(std::filesystem::path const& study);

}  // namespace vaster::store
