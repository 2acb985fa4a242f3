#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// What models see that only count which symptoms are present. By missing policy: absent: a sign a symptom,
/// missing answers are absent; nan: a sign a symptom, missing answers stay missing; ordinal: two signs a
/// symptom, "present" [0, n_symptoms) and "missing" [n_symptoms, 2 n_symptoms), so that a missing answer is a
/// third value as for the other models.
struct Signs {
    va::AnswerMatrix answers;         ///< [n_deaths][n_signs], in the order of the deaths' rows
    std::vector<std::uint32_t> rows;  ///< 0, 1, 2, ...

    [[nodiscard]] Deaths deaths() const { return {answers, rows}; }
};

[[nodiscard]] std::size_t number_of_signs(std::size_t n_symptoms, MissingPolicy policy);

[[nodiscard]] Signs signs_of(Deaths const& deaths, MissingPolicy policy);

}  // namespace vaster::models
