#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Multinomial logistic regression with an L2 penalty.
///     P(c | x) = exp(b_c + sum_s W_sc x_s) / sum_c' exp(b_c' + sum_s W_sc' x_s)
/// W and b minimise
///     F = sum_i w_i (-ln P(c_i | x_i)) + |W|^2 / (2 C)
/// over the training deaths i; w_i is 1, or n / (K n_c) with class_weight "balanced", applied once. The
/// intercepts b are not penalised, and answers are not standardised: x is 0 or 1, so that a symptom's
/// coefficient is the change of log odds when it is present. Minimised by L-BFGS over W and the intercepts at
/// the average death, until the Euclidean length of F's gradient is at most `tolerance`. F is strongly convex
/// in W: |W - W*| <= C |gradient|.
///
/// Missing answers: absent: x = 0; ordinal: x = 2; nan: x = the share of present among the training deaths
/// with an answer (0 where there are none), which moves a death neither way compared with the average one.
/// Causes that do not occur in the training set get probability 0; a training set of one cause gives it
/// probability 1. A death with all answers missing gets the probabilities of its coded x as any other.
///
/// fit() throws ModelError when the tolerance is not reached within `max_iterations`: coefficients that
/// have not converged are no result.
/// The same as scikit-learn's LogisticRegression (multi_class "multinomial") for three causes or more; for
/// two scikit-learn penalises one vector of coefficients instead of two.
/// Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 4.4.
[[nodiscard]] Model logistic_regression();

}  // namespace vaster::models
