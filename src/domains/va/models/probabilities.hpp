#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Turns logarithms of unnormalised probabilities, at least one of them finite, into probabilities that sum
/// to 1.
void normalise_logs(std::span<double> logs);

/// A prediction of probability 0 everywhere, for the rows to be put into.
[[nodiscard]] Prediction blank_prediction(Deaths const& deaths, std::size_t n_causes);

/// Writes what a model says of death i.
/// @param causes         cause of every class, [n_classes]
/// @param probabilities  of the classes, [n_classes], sum 1
void put_row(Prediction& prediction, std::size_t i, std::span<std::uint32_t const> causes,
             std::span<double const> probabilities);

}  // namespace vaster::models
