#pragma once

#include <vector>

#include "core/report/blocks.hpp"
#include "core/report/chapter.hpp"
#include "core/store/reader.hpp"

namespace vaster::va {

/// What the report says of a prediction: the model, cause fractions with both intervals, how sure it is of
/// single deaths, how these differ from the training deaths.
void add_prediction(report::Chapter& chapter, store::Reader const& study);

/// The cause fractions and the doubts, in words.
[[nodiscard]] std::vector<report::Block> prediction_verdict(store::Reader const& study);

}  // namespace vaster::va
