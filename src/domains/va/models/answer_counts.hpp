#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domains/va/models/features.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// How often each answer to each symptom occurs among the deaths of every class; what is neither present nor
/// missing is absent.
struct AnswerCounts {
    std::size_t n_symptoms = 0;
    std::size_t n_classes = 0;
    std::vector<std::uint32_t> present;  ///< [n_symptoms][n_classes]
    std::vector<std::uint32_t> missing;  ///< [n_symptoms][n_classes]
};

/// Counts the bits of the packed answers, eight symptoms at a time.
[[nodiscard]] AnswerCounts count_answers(Deaths const& deaths, PresentCauses const& present);

/// The same with weights of deaths in place of their numbers.
struct AnswerWeights {
    std::vector<double> deaths;   ///< of every class, [n_classes]
    std::vector<double> present;  ///< [n_symptoms][n_classes]
    std::vector<double> missing;  ///< [n_symptoms][n_classes]
};

/// @param training  with weights
[[nodiscard]] AnswerWeights weigh_answers(TrainingSet const& training, PresentCauses const& present);

}  // namespace vaster::models
