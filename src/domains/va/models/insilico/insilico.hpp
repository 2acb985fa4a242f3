#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// InSilicoVA: a Bayesian model of cause fractions, causes of the test deaths, and P(symptom | cause), of
/// which only the order by levels is learned from the training deaths; the values of the levels are sampled
/// with the test deaths. docs/va/insilicova.md has the model, its two samplers and what to believe of either.
///
/// Missing answers are missing for the model, whatever the missing policy. Stated answers at the edges: a
/// test set without any answered symptom that the training deaths know gets the same probability for every
/// cause of the training set; one cause in training gets probability 1; causes without training deaths get 0;
/// no test death gives an empty prediction.
///
/// McCormick, Li, Calvert, Crampin, Kahn and Clark (2016), doi:10.1080/01621459.2016.1152191.
[[nodiscard]] Model insilico();

}  // namespace vaster::models
