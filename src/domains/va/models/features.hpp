#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

/// Adds the parameters of models that can weigh the causes in training: class_weight, weight_power and
/// weight_power_several. @param standard  of class_weight
[[nodiscard]] std::vector<Parameter> with_weight_parameters(std::vector<Parameter> others,
                                                            std::string standard);

/// @throws ConfigError that names the key, for a power that is neither -1 nor at least 0
void check_weight_power(Parameters const& parameters, std::string_view model);

/// Is the training set of more than one site?
[[nodiscard]] bool is_of_several_sites(TrainingSet const& training);

/// The power p of class_weights() that the parameters ask for: weight_power, or weight_power_several for a
/// training set of several sites. Of -1 the latter stands for the former, and the former for what
/// class_weight says: "balanced" 1, "none" 0.
[[nodiscard]] double weight_power(Parameters const& parameters, TrainingSet const& training);

/// W_c of every class, [n_classes]: the sum of its deaths' weights TrainingSet::weights; without them its
/// deaths.
[[nodiscard]] std::vector<double> class_totals(TrainingSet const& training, PresentCauses const& present);

/// What being of a class makes of a death's weight, [n_classes]: (W / (K W_c))^p, where K causes occur in the
/// training set, W_c is class_totals() and W their sum. p = 0: 1; p = 1: all causes weigh the same.
[[nodiscard]] std::vector<double> class_weights(std::span<double const> totals, double power);

/// The same divided by their mean over the training deaths, each of which counts for its own weight; for
/// models whose penalty must not become weaker with them.
[[nodiscard]] std::vector<double> class_weights_of_mean_one(std::span<double const> totals, double power);

/// What every training death weighs, [n_deaths]: its own weight times that of its class, so that a death of
/// whole weight w is the same as w deaths.
[[nodiscard]] std::vector<double> death_weights(TrainingSet const& training, PresentCauses const& present,
                                                std::span<double const> of_class);

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
