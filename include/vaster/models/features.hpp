#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
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

/// The parameter of models that can weigh the causes in training.
[[nodiscard]] Parameter class_weight_parameter(std::string standard);

/// The weight of a death of every class, [n_classes]: "balanced": n / (K n_c), where K causes occur in the
/// training set and n_c of its n deaths are of cause c; "none": 1.
[[nodiscard]] std::vector<double> class_weights(PresentCauses const& present, std::string const& rule);

/// The answers as numbers, [n_deaths][n_columns]: absent 0, present 1, missing 0, NaN or 2 by the policy.
[[nodiscard]] std::vector<float> feature_matrix(Deaths const& deaths, MissingPolicy policy);

}  // namespace vaster::models
