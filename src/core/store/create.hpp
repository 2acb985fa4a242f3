#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/store/header.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// What to do when there is a file of that name.
enum class OnExisting { refuse, replace };

/// Room in the file. Numbers below what the plan needs are raised to that.
struct Capacity {
    std::uint64_t experiments = 0;  ///< Study::capacity(): rows of /plan and /records
    std::uint64_t array_rows = 0;   ///< elements of ragged arrays of all experiments together
};

/// Makes a study file with everything in it but results: laid out under a temporary name beside `path`,
/// flushed, synced, renamed. After that its structure never changes; only rows are written. Experiments with
/// a skip reason are committed as skipped. Nothing is left behind on failure. A symbolic link is followed:
/// the file is made where it leads, and the link stays.
/// @param experiments  the plan, in order of index
/// @param inputs  data that the file is to keep: Study::inputs()
/// @throws UsageError when the file exists and `on_existing` says so
/// @throws IoError when it cannot be written or the disk has too little room, naming the path and the
/// system's reason
void create(std::filesystem::path const& path, Header const& header, study::Schema const& schema,
            study::PackedPlan const& experiments, Capacity capacity = {},
            OnExisting on_existing = OnExisting::refuse, std::vector<study::Input> const& inputs = {});

inline void create(std::filesystem::path const& path, Header const& header, study::Schema const& schema,
                   study::Plan const& plan, Capacity capacity = {},
                   OnExisting on_existing = OnExisting::refuse,
                   std::vector<study::Input> const& inputs = {}) {
    create(path, header, schema, study::PackedPlan(plan.experiments), capacity, on_existing, inputs);
}

}  // namespace vaster::store
