#pragma once

#include <vector>

#include "core/report/blocks.hpp"
#include "domains/va/report/comparison.hpp"

namespace vaster::va {

/// What a comparison of several studies comes to, in words: a block for each type of experiment with a
/// sentence for each pair of models, and one about what was compared.
[[nodiscard]] std::vector<report::Block> study_words_of(ModelComparison const& comparison);

}  // namespace vaster::va
