#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domains/va/models/boosted_trees.hpp"
#include "domains/va/models/xgboost_handles.hpp"

namespace vaster::models::xgb {

/// The library's own form of a booster, Universal Binary JSON, as XGBoost for Python or R reads it.
[[nodiscard]] std::vector<std::uint8_t> as_ubj(Booster const& booster);

/// The trees of a booster with objective multi:softprob over answers, from its UBJ. A split by a threshold
/// becomes the set of answers that go right: absent is 0, present 1, missing by policy absent 0, ordinal 2,
/// nan to the side that the split has learned.
/// @throws ModelError when the library's form has changed and cannot be understood
[[nodiscard]] BoostedTrees trees_of(std::vector<std::uint8_t> const& ubj, MissingPolicy policy,
                                    std::size_t n_symptoms, std::size_t n_classes);

}  // namespace vaster::models::xgb
