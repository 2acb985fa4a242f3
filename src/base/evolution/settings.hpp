#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vaster::evolution {

/// Who lives on.
enum class Survival : std::uint8_t {
    elite,   ///< the best few of the old, and all newborn: one objective
    pareto,  ///< the best of old and newborn together by front and crowding (NSGA-II): several objectives
};

/// When mutation becomes stronger.
enum class Adaptation : std::uint8_t {
    none,
    stagnation,  ///< with every generation that brought nothing better
    diversity,   ///< with the loss of distance between individuals
};

/// How an evolution goes.
struct Settings {
    std::size_t population = 100;  ///< of all islands together
    std::size_t generations = 10;  ///< the first, which is drawn at random, among them
    std::size_t islands = 1;
    Survival survival = Survival::elite;
    double elite = 0.2;             ///< share of an island that lives on as it is; at least one
    std::size_t tournament = 3;     ///< individuals of which the best becomes a parent
    double crossover_chance = 0.8;  ///< of a child to have two parents
    double crossover_reach =
        0.25;                      ///< how far beyond its parents a child may lie, as share of their distance
    double mutation_chance = 0.3;  ///< of a child to be mutated
    double gene_chance = 0.3;      ///< of each gene of a child that is mutated
    double mutation_step = 0.1;    ///< standard deviation of a mutation, as share of the gene's range
    Adaptation adaptation = Adaptation::none;
    std::size_t migration_interval = 5;  ///< generations from one migration to the next; 0: never
    std::size_t migrants = 2;            ///< of each island to its neighbour
    std::size_t stagnation_limit = 0;    ///< ends after so many generations without a better one; 0: never
    double least_success = 0.5;          ///< ends when a smaller share of a generation could be evaluated
};

/// What is wrong with the settings taken together, one line each.
[[nodiscard]] std::vector<std::string> problems(Settings const& settings);

/// Individuals of one island.
[[nodiscard]] std::size_t island_size(Settings const& settings, std::size_t island);

/// How many of an island live on as they are: Survival::elite.
[[nodiscard]] std::size_t elite_size(Settings const& settings, std::size_t island);

/// Newborn of one island in a generation after the first.
[[nodiscard]] std::size_t births(Settings const& settings, std::size_t island);

/// At most so many individuals are evaluated in all.
[[nodiscard]] std::size_t most_evaluations(Settings const& settings);

}  // namespace vaster::evolution
