#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vaster/models/classifier.hpp"

namespace vaster::models {

/// The causes that occur in a training set; models number their classes by position in it.
struct PresentCauses {
    std::vector<std::uint32_t> causes;    ///< ascending cause indices, [n_classes]
    std::vector<std::size_t> counts;      ///< deaths of each, [n_classes]
    std::vector<std::uint32_t> class_of;  ///< position in `causes` of every death's cause, [n_deaths]

    [[nodiscard]] std::size_t size() const noexcept { return causes.size(); }
};

/// @throws ModelError when the training set has no deaths or no symptoms
[[nodiscard]] PresentCauses present_causes(TrainingSet const& training);

/// The answers as numbers, [n_deaths][n_columns]: absent 0, present 1, missing 0, NaN or 2 by the policy.
[[nodiscard]] std::vector<float> feature_matrix(Deaths const& deaths, MissingPolicy policy);

}  // namespace vaster::models
