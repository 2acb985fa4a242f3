#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/study/growth.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::store {

/// Asks the study for the experiments after these rows, all of which are settled, in a file with room for so
/// many.
using NextStage = std::function<std::vector<study::Experiment>(std::vector<study::KnownRow> const&,
                                                               std::uint64_t capacity)>;

/// Writes rows of /plan that do not hold or are not there again: the plan is a pure function of
/// configuration, data and, where it grows, of the results of earlier stages, so nothing is lost with them.
/// Only when `plan` is the one the file was created with. A row of a later stage stays as it is when a record
/// of an earlier one is damaged too. Under the StudyLock, before any other process writes.
/// @param plan        the experiments the study began with
/// @param plan_hash   study::hash_of() them
/// @param next_stage  asked for the stages after the first, up to the last damaged row
/// @return the rows that were written
/// @throws DataError, IoError as Reader and Writer do, and what next_stage throws
std::vector<std::uint64_t> mend_plan(std::filesystem::path const& path, study::PackedPlan const& plan,
                                     std::string const& plan_hash, NextStage const& next_stage);

}  // namespace vaster::store
