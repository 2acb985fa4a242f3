#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vaster/va/answers.hpp"

/// InSilicoVA: McCormick, Li, Calvert, Crampin, Kahn and Clark (2016), "Probabilistic cause-of-death
/// assignment using verbal autopsies", JASA 111:1036-1049, doi:10.1080/01621459.2016.1152191.
namespace vaster::models::insilicova {

/// Levels of P(symptom | cause) of the InterVA table, from the highest to the lowest.
inline constexpr std::size_t max_levels = 15;
inline constexpr std::array<std::string_view, max_levels> level_names{
    "I", "A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "E", "N"};

/// The InterVA table's own numbers for the levels.
inline constexpr std::array<double, max_levels> level_values{1,    .8,   .5,   .2,    .1,    .05,    .02, .01,
                                                             .005, .002, .001, .0005, .0001, .00001, 0};

/// P(symptom | cause) of any level stays within these bounds.
inline constexpr double lowest_probability = 0.0001;
inline constexpr double highest_probability = 0.9999;

/// What a death is taken for before its answers are known.
enum class CausePrior {
    batch,    ///< the fractions of its population, which are learned from the deaths to code
    uniform,  ///< every cause is as likely: the deaths to code teach the levels alone
};

/// What the samplers are handed: symptoms of the deaths to code, and which P(s|c) share a level. Counting of
/// levels starts at 0, the highest.
struct Problem {
    va::AnswerMatrix answers;         ///< deaths x symptoms
    std::size_t n_causes = 0;         ///< C, at least 1
    std::size_t n_levels = 0;         ///< L, in [1, max_levels]
    std::vector<std::uint8_t> level;  ///< level of P(s|c), [n_symptoms][n_causes]
    std::vector<double> start;  ///< P(s|c) of each level for the first assignment of causes, [L], in (0, 1)
    std::vector<double> start_value;    ///< level values that bound the first draws, [L], in (0, 1)
    std::vector<double> prior_present;  ///< a of the level's Beta(a, b - a) prior, [L], in (0, b)
    double prior_total = 0;             ///< b
    std::vector<double>
        given;  ///< P(s|c) that stay as they are, [n_symptoms][n_causes], in (0, 1); then n_levels = 0
    /// Are products of many answers kept in the range of doubles by powers of two? Else such deaths are
    /// worked out in logarithms, which is several times slower; the last digits differ. Tables of letters
    /// have it.
    bool scales_products = false;
    std::size_t n_populations = 1;          ///< sub-populations with cause fractions of their own
    std::vector<std::uint32_t> population;  ///< of each death; empty: all in 0
    std::vector<std::int32_t> known;  ///< the cause of deaths that have been coded, -1 of others; empty: none
    std::vector<double>
        shares;  ///< of the causes that were told of a death, [n_deaths][n_causes], at least 0; all 0:
                 ///< nothing was told but by `known`; empty: of none. Only a row's proportions count

    /// The power of the deaths' likelihood, in (0, 1]. With 1 symptoms count as independent given the cause;
    /// below, a death says as much as one with so many fewer answers. P(x|c)^w has no factor that depends on
    /// w, so that what is sampled is prior * prod_n csmf[y_n] P(x_n | y_n)^w.
    double answer_weight = 1;
    /// uniform: theta stays 0, and what samplers give as fractions are the shares of deaths that were drawn.
    CausePrior causes = CausePrior::batch;

    [[nodiscard]] std::size_t n_deaths() const noexcept { return answers.n_rows(); }

    [[nodiscard]] std::size_t n_symptoms() const noexcept { return answers.n_columns(); }
};

/// Fractions that follow the deaths drawn at each cause, [n_populations][n_causes]; 0 in a population without
/// deaths.
/// @param deaths  at each cause, [n_populations][n_causes]
void drawn_fractions(Problem const& problem, std::span<double const> deaths, std::span<double> fractions);

/// Share of the deaths that each sub-population has, [n_populations].
[[nodiscard]] std::vector<double> population_shares(Problem const& problem);

}  // namespace vaster::models::insilicova
