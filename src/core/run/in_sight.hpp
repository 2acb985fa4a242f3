#pragma once

#include <cstdint>
#include <filesystem>

namespace vaster::run {

/// How many results of a study this host sees, once it sees as many as the ranks say that they have
/// committed, or the patience is over: a file system that several hosts share may show one of them old pages,
/// and a host that has lost its power takes along what it had not synced.
/// @param wanted  results that the ranks say that they have committed
[[nodiscard]] std::uint64_t results_in_sight(std::filesystem::path const& study, std::uint64_t wanted,
                                             double patience_seconds);

}  // namespace vaster::run
