#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "core/store/lock.hpp"

namespace vaster::store {

/// More than a lock file has; a larger file of that name is something else.
inline constexpr std::size_t most_lock_bytes = 1024;

/// This process, as a lock file names it.
[[nodiscard]] std::string name_of_this_process();

/// Who is named in the file; nothing when there is none or it names nobody.
[[nodiscard]] std::optional<Holder> read_holder(std::filesystem::path const& lock_file);

/// On this host and no longer there. Of a holder on another host nothing is known.
[[nodiscard]] bool is_dead(Holder const& holder);

/// Watches a lock file that names another host.
class HolderWatch {
  public:
    explicit HolderWatch(double silent_seconds) : silent_seconds_(silent_seconds) {}

    /// Reads the lock file again.
    void look(std::filesystem::path const& lock_file);

    /// May the lock be taken from whoever is named in it, as far as the name goes?
    [[nodiscard]] bool is_free() const;

    /// Somebody on another host is named in it, and has given no sign for long enough.
    [[nodiscard]] bool is_silent() const;

    /// Nobody can tell yet whether the holder is alive.
    [[nodiscard]] bool undecided() const;

  private:
    enum class Seen { nobody, here, elsewhere, beating };
    Seen seen_ = Seen::nobody;
    double silent_seconds_;
    double since_ = 0;
    std::string text_;
};

/// For file systems without flock: whoever has put his name into the file last, and still finds it there a
/// moment later, holds the lock. False while a living process is named in it. @throws IoError when the file
/// cannot be written
[[nodiscard]] bool take_by_name(std::filesystem::path const& lock_file, HolderWatch const& watch);

}  // namespace vaster::store
