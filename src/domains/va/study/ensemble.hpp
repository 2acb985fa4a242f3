#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/models/catalogue.hpp"

namespace vaster::va {

/// What the members of an ensemble put together.
enum class Vote {
    soft,  ///< their probabilities
    hard,  ///< their most probable causes
};

/// How much each member counts.
enum class Weighting {
    none,      ///< all the same
    inner_cv,  ///< by cross-validation inside the training set
    given,     ///< as the user says
};

/// Several models of the catalogue that vote.
struct Ensemble {
    std::string name;
    Vote vote = Vote::soft;
    Weighting weighting = Weighting::none;
    std::vector<std::string> members;  ///< two or more models of the catalogue, each once
    std::vector<double> given;         ///< weights of the members, sum 1; of Weighting::given only
};

/// Reads "NAME = soft(MODEL, MODEL, ...)", "NAME = hard(MODEL, ...; weights = inner_cv)" or "NAME =
/// soft(MODEL, MODEL; weights = 2, 1)".
/// @throws ConfigError that says what is wrong, with the models there are
[[nodiscard]] Ensemble parse_ensemble(std::string_view text, models::Catalogue const& catalogue);

/// The weights of the members where no cross-validation is asked for them: those that were given, or all the
/// same.
[[nodiscard]] std::vector<double> fixed_weights(Ensemble const& ensemble);

/// What is wrong with design.ensembles, a line for each: texts, and names that occur twice.
[[nodiscard]] std::vector<std::string> ensemble_problems(std::vector<std::string> const& texts,
                                                         models::Catalogue const& catalogue);

/// The vote of the members on one test set.
///     soft: P(c) = sum_m w_m P_m(c), and the same sum of the members' own cause fractions
///     hard: P(c) = (sum_m w_m [c is m's most probable cause] + e S(c)) / (1 + e), S the soft vote, e = 1e-6:
///           the shares of votes; S decides between causes with as many votes and leaves no cause at 0
/// @param weights   [n_members], sum 1
/// @param members   their predictions of the same deaths, [n_members]
[[nodiscard]] models::Prediction combine(Vote vote, std::span<double const> weights,
                                         std::span<models::Prediction const* const> members);

/// What a member's inner cross-validation says of it.
struct OutOfFold {
    std::vector<double> of_truth;  ///< P(true cause) that it gave each training death, [n_train]
    double cod_accuracy = 0;       ///< share of training deaths whose most probable cause was right
    double seconds = 0;            ///< wall time of the cross-validation
};

/// Weights of the members from their inner cross-validation on the same folds; they sum to 1.
///     soft: the weights that make the out-of-fold log loss of the vote least (stacking by log score),
///           argmax_w sum_i ln sum_m w_m max(P_m(true cause of i), 1e-15), by EM from equal weights
///     hard: in proportion to the out-of-fold COD accuracy; all the same where every accuracy is 0
/// Yao, Vehtari, Simpson and Gelman (2018), Bayesian Analysis 13(3), doi:10.1214/17-BA1091.
[[nodiscard]] std::vector<double> weights_from(Vote vote, std::span<OutOfFold const* const> members);

}  // namespace vaster::va
