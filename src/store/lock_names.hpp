#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "vaster/store/lock.hpp"

namespace vaster::store {

/// This process, as a lock file names it.
[[nodiscard]] std::string name_of_this_process();

/// Who is named in the file; nothing when there is none or it names nobody.
[[nodiscard]] std::optional<Holder> read_holder(std::filesystem::path const& lock_file);

/// On this host and no longer there. A holder on another host can only be believed.
[[nodiscard]] bool is_dead(Holder const& holder);

/// For file systems without flock: whoever has put his name into the file last, and still finds it there a
/// moment later, holds the lock. False while a living process is named in it. @throws IoError when the file
/// cannot be written
[[nodiscard]] bool take_by_name(std::filesystem::path const& lock_file);

}  // namespace vaster::store
