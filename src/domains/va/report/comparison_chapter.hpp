#pragma once

#include "core/report/chapter.hpp"
#include "domains/va/report/comparison.hpp"

namespace vaster::va {

/// Comparisons of models: means, transfer, gaps, learning curves, causes, differences, convergence. Numbers
/// come from compare().
/// @throws UsageError when the study has not the metrics asked for
void add_comparison(report::Chapter& chapter, store::Reader const& study, ComparisonOptions const& options);

}  // namespace vaster::va
