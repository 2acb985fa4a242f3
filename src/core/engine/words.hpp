#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vaster/study/experiment.hpp"

/// What a run says of its tasks to people.
namespace vaster::engine {

/// The message, and of what the child printed as many of the last lines as the study file has room for.
[[nodiscard]] std::string with_last_lines(std::string message, std::string_view output);

/// Experiments of a task, for a line of text.
[[nodiscard]] std::string list_of(std::vector<study::ExperimentIndex> const& experiments);

}  // namespace vaster::engine
