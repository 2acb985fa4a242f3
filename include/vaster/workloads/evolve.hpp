#pragma once

#include <memory>

#include "vaster/study/study.hpp"

namespace vaster::workloads {

/// Trading strategies that evolve: each experiment is one individual, a seed with genes, judged on the training
/// bars of a window; each stage of the plan is a generation. docs/evolve.md
[[nodiscard]] std::unique_ptr<study::Kind> make_evolve();

}  // namespace vaster::workloads
