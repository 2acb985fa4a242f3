#pragma once

#include "core/report/chapter.hpp"

namespace vaster::report {

/// Strategies that evolve: fitness, diversity, seeds and genes over generations, out of sample, health.
void add_evolution(Chapter& chapter, store::Reader const& study);

}  // namespace vaster::report
