#pragma once

#include "core/report/chapter.hpp"

namespace vaster::va {

/// Did models that sample converge? By the cells of a comparison's results.
void add_convergence(report::Chapter& chapter, store::Reader const& study);

}  // namespace vaster::va
