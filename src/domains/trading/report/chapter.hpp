#pragma once

#include "core/report/chapter.hpp"

namespace vaster::trading {

/// Strategies that evolve: fitness, diversity, seeds and genes over generations, out of sample, health.
void add_evolution(report::Chapter& chapter, store::Reader const& study);

}  // namespace vaster::trading
