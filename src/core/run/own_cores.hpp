#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vaster::run {

/// Where a rank runs, and on which cores it may compute.
struct RankCores {
    std::string host;
    std::vector<std::string> cores = {};  ///< names; empty: not known

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& host& cores;
    }
};

/// Names of the physical cores that this rank may compute on.
[[nodiscard]] std::vector<std::string> names_of_cores();

[[nodiscard]] RankCores cores_of_this_rank();

/// How many cores each rank has to itself, if those of a host share theirs evenly: the cores that any of them
/// may use, divided by their number, but no more than it may use itself; at least 1.
[[nodiscard]] std::vector<std::uint32_t> shares_of_cores(std::vector<RankCores> const& ranks);

}  // namespace vaster::run
