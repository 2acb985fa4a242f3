#pragma once

#include <string_view>

#include "base/stats/bounded_interval.hpp"
#include "domains/va/report/comparison.hpp"

namespace vaster::va {

/// The values that a result column can have: accuracies 0 to 1, chance-corrected concordance -1 to 1,
/// chance-corrected CSMF accuracy 1 - e to 1, the Brier score 0 to 2, log loss, counts and times 0 and more.
/// The name may have that of a grouping behind it ("cod_accuracy_cod5"). All numbers for columns that it does
/// not know.
[[nodiscard]] stats::Range range_of_metric(std::string_view metric);

/// Keeps the intervals of means in the metric's range, by stats::bounded_t_interval and stats::within, and
/// those of differences and gaps within the difference of its ends, by stats::within: these belong to a test,
/// whose verdict they must not contradict.
void bound_intervals(ModelComparison& comparison);

}  // namespace vaster::va
