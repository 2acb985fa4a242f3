#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models::insilicova {

/// How P(s|c) of the training deaths becomes a level.
enum class LevelRule {
    quantile,  ///< shares of the levels as in the InterVA table
    fixed,     ///< the level with the nearest InterVA number
};

/// What becomes of P(s|c) that is exactly 0 or 1 in the training deaths, which the quantile rule has to rank.
/// The values that stand in for them lie between 1e-6 and 2e-6, or as far below 1.
enum class CertainCells {
    random,  ///< uniform, as in the reference: which of some ten levels such a cell gets depends on the
             ///< stream
    tied,    ///< cells of 0 share the lowest level and cells of 1 the highest; how strong the levels' priors
             ///< are stays as in the reference
};

/// What to make of the training deaths. The standard values are the reference's.
struct TableOptions {
    LevelRule levels = LevelRule::quantile;
    CertainCells certain_cells = CertainCells::random;
    /// Where a cause has one training death: the reference takes missing answers to every second symptom for
    /// absent.
    bool alternate_single_deaths = true;
    double most_missing =
        0.95;  ///< symptoms that are missing in a larger share of the training deaths are left out
};

/// What is kept of a training set: how often each symptom was present, and answered, by cause.
struct TrainingTables {
    std::size_t n_symptoms = 0;
    std::size_t n_causes = 0;  ///< of the study
    std::size_t n_deaths = 0;
    std::vector<std::uint32_t> deaths;    ///< of each cause, [n_causes]
    std::vector<std::uint32_t> present;   ///< [n_symptoms][n_causes]
    std::vector<std::uint32_t> answered;  ///< present or absent, [n_symptoms][n_causes]
};

[[nodiscard]] TrainingTables count_training(TrainingSet const& training);

/// Why something takes no part.
enum class Dropped {
    missing_in_training,
    missing_in_test,
    symptom_not_given,  ///< the user's table does not have it
    cause_without_training,
    cause_not_given,  ///< the user's table does not have it
};

/// Is it a cause that was left out, not a symptom?
[[nodiscard]] bool is_cause(Dropped why) noexcept;

/// A problem, and what its symptoms and causes were called before some were left out.
struct Prepared {
    Problem problem;
    std::vector<std::uint32_t> symptoms;  ///< the columns that were kept
    std::vector<std::uint32_t> causes;    ///< the study's causes that were kept
    std::vector<std::uint8_t> level_of;   ///< of each level, its place among the 15 names

    struct Leaving {
        Dropped why;
        std::uint32_t index;  ///< of the column or the cause
    };

    std::vector<Leaving> dropped;
};

/// P(s|c) of the training deaths, before levels: present / answered; where fewer than 5 % of a cause's deaths
/// have an answer, the symptom's share of present among all training deaths; exact 0 and 1 replaced as the
/// options say.
/// @returns [symptoms][causes]
[[nodiscard]] std::vector<double> conditional_probabilities(TrainingTables const& training,
                                                            std::vector<std::uint32_t> const& symptoms,
                                                            std::vector<std::uint32_t> const& causes,
                                                            TableOptions const& options, Random& random);

/// What the samplers are to work on: symptoms that tell nothing left out, P(s|c) cut into levels, the levels'
/// priors.
///
/// B = trunc(trunc(1.5 N) m strength), m the median count over the levels in use of the cells that have the
/// level, strength 0.01 for quantile and 1 for fixed levels; at least 1, where the reference could not go on.
/// The prior of level l is Beta(0.99 B d_l, B - 0.99 B d_l) with the InterVA number d_l, and 1e-6 for the
/// lowest. A problem may come out without symptoms or with one cause: there is nothing to sample then.
[[nodiscard]] Prepared prepare(TrainingTables const& training, Deaths const& test,
                               TableOptions const& options, Random& random);

/// P(s|c) that a user gives in place of training deaths, for some symptoms and causes.
struct GivenCells {
    std::vector<std::uint32_t> symptoms;  ///< columns of the answers, ascending
    std::vector<std::uint32_t> causes;    ///< of the study, ascending
    std::vector<std::uint8_t> levels;     ///< places among level_names, [symptoms][causes]; or
    std::vector<double> numbers;          ///< in [0, 1], [symptoms][causes]
};

/// A problem from given P(s|c). Levels have InterVA's numbers and are learned from the test deaths, as after
/// `prepare` with fixed levels; numbers are not learned but stay as they are, within the bounds of levels.
/// @param n_causes  of the study
[[nodiscard]] Prepared prepare_given(GivenCells const& cells, std::size_t n_causes, Deaths const& test);

/// Names of what was left out, for people: "3 symptoms missing in more than 95 % of the training deaths", ...
[[nodiscard]] std::vector<std::string> describe(std::vector<Prepared::Leaving> const& dropped);

}  // namespace vaster::models::insilicova
