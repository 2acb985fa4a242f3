#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vaster/va/classifier.hpp"

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

/// Answers as numbers of one byte each, for a library that takes such.
struct AnswerCodes {
    /// What a 2 stands for.
    enum class Two { number, hole };

    std::vector<std::uint8_t> values;  ///< [n_deaths][n_columns]
    std::size_t n_columns = 0;
    Two two = Two::number;

    [[nodiscard]] std::size_t n_rows() const { return n_columns == 0 ? 0 : values.size() / n_columns; }
};

/// Absent is 0, present 1, missing 0 under policy `absent`, a hole under `nan`, the number 2 under `ordinal`.
[[nodiscard]] AnswerCodes answer_codes(Deaths const& deaths, MissingPolicy policy);

}  // namespace vaster::models
