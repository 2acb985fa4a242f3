#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/study/journal.hpp"

/// What experiments have cost in earlier studies, in a file for each kind of study. It decides in which order
/// work is handed out and how much of it at once, never what comes of it.
namespace vaster::engine {

/// Where costs of this kind of study are kept.
/// @param folder  the configured one; "user": vaster in the user's folder for caches ($XDG_CACHE_HOME, else
///                ~/.cache)
/// @return empty: nowhere, since the folder is empty or the user has none
[[nodiscard]] std::filesystem::path cost_memory(std::string const& folder, std::string const& kind);

/// What is kept in the file; nothing where there is none yet.
/// @throws IoError when it cannot be read
/// @throws DataError when it is not such a file
[[nodiscard]] std::vector<study::MeasuredCost> recall_costs(std::filesystem::path const& file);

/// Adds what a study has measured to what is kept, which counts half from then on: a cost that changes is
/// followed. A file that does not hold is replaced. Readers see the old file or the new one.
/// @throws IoError when it cannot be written
void remember_costs(std::filesystem::path const& file, std::vector<study::MeasuredCost> const& costs);

}  // namespace vaster::engine
