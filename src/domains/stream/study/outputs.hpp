#pragma once

#include <filesystem>
#include <vector>

#include "domains/stream/study/options.hpp"

// The files that a study writes its rows to, before there are any.
namespace vaster::stream {

/// Those of all jobs, unless they lie in the folder beside the study file, which is the study's own.
[[nodiscard]] std::vector<std::filesystem::path> outputs_of(Options const& options);

/// No output may be written over what is read; and of each folder that the study writes into, the first one
/// of its path that is there must be a folder, and let us write. @throws UsageError, IoError
void check_outputs(Options const& options);

}  // namespace vaster::stream
