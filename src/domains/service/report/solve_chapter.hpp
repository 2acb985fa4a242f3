#pragma once

#include "core/report/chapter.hpp"

namespace vaster::service::solve {

/// Optimisation problems: outcomes and what shows them, gaps, violations, solvers whose answers were not
/// taken and why, and the solutions of small problems.
void add_solve_sections(report::Chapter& chapter, store::Reader const& study);

}  // namespace vaster::service::solve
