#pragma once

#include "core/report/chapter.hpp"
#include "domains/va/report/comparison.hpp"

namespace vaster::va {

/// Comparisons of models: means, transfer, gaps, learning curves, causes, differences, convergence. Numbers
/// come from compare().
/// @throws UsageError when the study does not have the metrics asked for
void add_comparison(report::Chapter& chapter, store::Reader const& study, ComparisonOptions const& options);

/// Several studies side by side, on what they have in common; a note says why where that is nothing.
/// @param studies  two or more, with different names
[[nodiscard]] report::Chapter side_by_side(std::vector<NamedStudy> const& studies,
                                           ComparisonOptions const& options);

}  // namespace vaster::va
