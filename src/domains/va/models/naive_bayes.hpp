#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Naive Bayes over the answers, with Laplace smoothing `alpha`.
///     P(c | x) ~ pi_c  prod_s P(x_s | c),   P(x_s = v | c) = (N_csv + alpha) / (sum_v' N_csv' + alpha V)
/// N_csv counts the training deaths of cause c with answer v to symptom s. The missing policy says what the V
/// values are: absent: {absent or missing, present}; ordinal: {absent, present, missing}; nan: {absent,
/// present}, where missing answers are neither counted nor have a factor in the product.
///
/// The prior pi over the K causes that occur in the training set is by `prior`: empirical: (n_c + m) / (n + K
/// m) with m = `prior_smoothing`; uniform: 1 / K. Causes that do not occur there get probability 0; a death
/// with all answers missing gets the prior by policy nan.
///
/// Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.3; the same as
/// scikit-learn's BernoulliNB (absent) and CategoricalNB (ordinal).
[[nodiscard]] Model naive_bayes();

}  // namespace vaster::models
