#pragma once

#include <memory>
#include <string>

#include "core/engine/child/serve.hpp"

namespace vaster::engine {

/// A study for tests. Its config text is words: "count=8" experiments in groups of "group=2", "seconds=0.01"
/// of sleep each, "print" to print a line each, and faults "what:index" or "what:index:attempts" with what =
/// crash, hang, memory, error, exit, kill-server, stop-server, bug, odd, silent; "what:fit3" strikes before
/// the first experiment of group 3, "what:plan" when it is asked for a further stage. "stages=3" of so many
/// experiments each, with ids that depend on the results so far; "skips" leaves every fifth out. "broken"
/// makes opening fail. "share" puts what was read into a block: who read it, which is the study's only note.
study::Opened open_toy(std::string const& config_text, std::shared_ptr<SealedBlock const> const& block);

/// What the result cells of a toy with the word "allocator" are the sum of.
namespace allocator_signs {
constexpr double variable_is_set = 1;  ///< GLIBC_TUNABLES, in the environment
constexpr double asks_huge_pages = 2;  ///< for a large array
}  // namespace allocator_signs

/// The result cell of an experiment.
[[nodiscard]] inline double toy_value(study::ExperimentIndex index) {
    return 1.0 / (1.0 + static_cast<double>(index));
}

}  // namespace vaster::engine
