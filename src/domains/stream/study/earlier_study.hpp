#pragma once

#include "domains/stream/study/options.hpp"
#include "domains/stream/study/state_file.hpp"

// The study that a stream goes on from (stream.continue_from).
namespace vaster::stream {

/// The states of a study must not be written over by the one that goes on from them.
/// @throws UsageError where both are one, by whatever path
void check_earlier_study(Options const& options);

/// What the job has ended with there. @throws IoError where there is no such study; DataError where it has no
/// states, or none of this job, or is not a study
[[nodiscard]] StreamState earlier_state(Options const& options, JobOptions const& job);

}  // namespace vaster::stream
