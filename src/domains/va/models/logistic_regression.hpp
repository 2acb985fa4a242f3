#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// What centre "site" makes of the other keys where they are not given.
[[nodiscard]] std::vector<std::pair<std::string, Value>> logistic_regression_for_transfer();

/// Multinomial logistic regression with an L2 penalty.
///     P(c | x) = exp(b_c + sum_s W_sc x_s) / sum_c' exp(b_c' + sum_s W_sc' x_s)
/// W and b minimise
///     F = sum_i w_i (-ln P(c_i | x_i)) + |W|^2 / (2 C)
/// over the training deaths i; w_i is the death's own weight (TrainingSet::weights, or 1) times what
/// class_weights_of_mean_one() says of its cause, so that a death of weight 2 is the same as two deaths, and
/// the penalty is against the sum of the weights. The intercepts b are not
/// penalised, and answers are not standardised: x is 0 or 1, so that a symptom's coefficient is the change of
/// log odds when it is present. Minimised by L-BFGS over W and the intercepts at the average death, until the
/// Euclidean length of F's gradient is at most `tolerance`. F is strongly convex in W: |W - W*| <= C
/// |gradient|.
///
/// With centre "site" x is replaced by z = x - m_g, where m_g is the mean of x over the training deaths of
/// the same site, each counted by its own weight: what all deaths of a site have in common, be it mortality,
/// interviewers or the questionnaire, tells no cause (the within-group estimator). The deaths to be coded are
/// taken site by site as batches:
///     z = x - (lambda m_T + (1 - lambda) mu),   m_T = (sum of x over the batch + kappa mu) / (N + kappa)
/// mu: the weighted mean over all training deaths, N: deaths in the batch, which all weigh the same. So the
/// model is transductive: what it says of a death depends on who else is in its batch, and never on a label
/// of it. lambda = 0 makes every death stand for itself; a batch of one is next to that. b then sums to 0
/// over the causes. Keys of the same name with _several stand in for C and lambda where the training deaths
/// are of several sites. Mundlak (1978), Econometrica 46(1), doi:10.2307/1913646.
///
/// Missing answers: absent: x = 0; ordinal: x = 2; nan: x = the weighted share of present among the training
/// deaths with an answer (0 where there are none), which moves a death neither way compared with the average
/// one. Causes that do not occur in the training set get probability 0; a training set of one cause gives it
/// probability 1. A death with all answers missing gets the probabilities of its coded x as any other.
///
/// fit() throws ModelError when the tolerance is not reached within `max_iterations`: coefficients that
/// have not converged are not results.
/// The same as scikit-learn's LogisticRegression (multi_class "multinomial") for three causes or more; for
/// two scikit-learn penalises one vector of coefficients instead of two.
/// Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 4.4.
[[nodiscard]] Model logistic_regression();

}  // namespace vaster::models
