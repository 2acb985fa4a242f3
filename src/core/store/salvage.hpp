#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vaster::store {

/// What could be saved of a damaged study file.
struct Salvaged {
    std::uint64_t done = 0;                  ///< results whose checksums hold
    std::vector<std::uint64_t> lost;         ///< rows of /records that did not hold: pending now
    std::vector<std::uint64_t> plan_damage;  ///< rows of /plan that do not hold: `--resume` mends them
    std::vector<std::string> lost_inputs;    ///< data that do not hold: nothing can be computed again
    std::uint64_t lost_notes = 0;            ///< rows of /attempts and /schedule that did not hold: empty now
};

/// Makes a new study file of every row of a damaged one whose checksum holds. The structure comes from the
/// damaged file where it is sound, else from the mirror in its first bytes, so HDF5 never sees damaged bytes.
/// The damaged file is only read.
/// @param output  must not be there
/// @throws UsageError when it is
/// @throws DataError when there is neither structure nor mirror, or it is not a study file
/// @throws IoError when a file cannot be read or written
[[nodiscard]] Salvaged salvage(std::filesystem::path const& damaged, std::filesystem::path const& output);

}  // namespace vaster::store
