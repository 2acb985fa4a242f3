#pragma once

#include <filesystem>

namespace vaster {

/// A new file beside `path` that goes away unless it took that name.
class TemporaryFile {
  public:
    /// @throws IoError when it cannot be made
    explicit TemporaryFile(std::filesystem::path const& path);
    TemporaryFile(TemporaryFile const&) = delete;
    TemporaryFile& operator=(TemporaryFile const&) = delete;
    ~TemporaryFile();

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

    /// Syncs it and gives it the name. @throws IoError
    void become(std::filesystem::path const& path);

    /// Gives it the name and does not wait for the disk: after a power cut it may be missing, empty or cut.
    /// For what can be made again and says itself whether it is whole. @throws IoError
    void become_unsynced(std::filesystem::path const& path);

  private:
    std::filesystem::path path_;
};

/// Removes temporary files that processes which were killed left beside `path`. Only whoever holds the lock
/// of the study may call it.
void remove_left_overs(std::filesystem::path const& path);

}  // namespace vaster
