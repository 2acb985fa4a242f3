#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "vaster/study/experiment.hpp"

namespace vaster::store {

/// Writes rows of /plan that do not hold or are not there again: the plan is a pure function of configuration
/// and data, so nothing is lost with them. Only when `plan` is the one the file was created with. Under the
/// StudyLock, before any other process writes.
/// @param plan  the experiments the study began with
/// @return the rows that were written
/// @throws DataError, IoError as Reader and Writer do
std::vector<std::uint64_t> mend_plan(std::filesystem::path const& path, study::Plan const& plan);

}  // namespace vaster::store
