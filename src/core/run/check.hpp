#pragma once

#include <filesystem>
#include <vector>

#include "core/run/run_study.hpp"

namespace vaster::run {

/// The study file must be one that may be made, resumed or replaced, and no other file of the run may have
/// its name. @throws UsageError, IoError
void check_names(std::filesystem::path const& study, RunOptions const& options);

/// A new study, which one that is resumed for the first time is too, writes over no file that is there unless
/// the user says so. @param files  that the command makes of the study, besides what its kind writes
/// @throws UsageError
void check_files(study::LoadedConfig const& loaded, std::vector<std::filesystem::path> files,
                 Existing existing);

/// All that can be known of a run before its ranks start, without MPI and without reading the data: the
/// configuration is right, the names are, and every file that it will write can be written here.
/// @return the study file
/// @throws Error what the run itself would end with
[[nodiscard]] std::filesystem::path check_run(study::Kinds const& kinds, study::ConfigSource const& source,
                                              RunOptions const& options);

}  // namespace vaster::run
