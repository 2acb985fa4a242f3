#include "base/evolution/population.hpp"

#include <vector>

#include <catch2/catch.hpp>

namespace vaster::evolution {
namespace {

Individual individual(std::uint64_t row, double fitness, std::size_t island = 0) {
    return {row, island, {0, {static_cast<double>(row)}}, {fitness}};
}

std::vector<std::uint64_t> rows(std::vector<Individual> const& island) {
    std::vector<std::uint64_t> all;
    for (auto const& one : island) all.push_back(one.row);
    return all;
}

using Rows = std::vector<std::uint64_t>;

TEST_CASE("the elite lives on beside the newborn, best first, of equals the elder",
          "[evolution][population]") {
    Settings settings;
    settings.population = 5;
    settings.elite = 0.4;
    auto const first = first_population(
        settings, {individual(0, 1), individual(1, 5), individual(2, 0), individual(3, 4), individual(4, -3)},
        5);
    CHECK(rows(first.islands[0]) == Rows{1, 3, 0, 2, 4});
    CHECK(births(settings, 0) == 3);
    auto const next =
        next_population(settings, first, {individual(5, 4), individual(6, 9), individual(7, -9)}, 3);
    CHECK(rows(next.islands[0]) == Rows{6, 1, 3, 5, 7});
    CHECK(next.generation == 1);
    CHECK(next.stagnant == 0);
}

TEST_CASE("the old fill the places of newborn that failed", "[evolution][population]") {
    Settings settings;
    settings.population = 4;
    settings.elite = 0.25;
    settings.least_success = 0.3;
    auto const first = first_population(
        settings, {individual(0, 1), individual(1, 2), individual(2, 3), individual(3, 4)}, 4);
    auto const next = next_population(settings, first, {individual(4, 0)}, 3);
    CHECK(rows(next.islands[0]) == Rows{3, 2, 1, 4});
    CHECK(next.success == Approx(1.0 / 3));
    CHECK(next.stagnant == 1);
    CHECK(ending(settings, next) == Ending::none);
    settings.least_success = 0.5;
    CHECK(ending(settings, next) == Ending::failures);
}

TEST_CASE("a fitness of 0 is a fitness, and a negative one too", "[evolution][population]") {
    Settings settings;
    settings.population = 3;
    auto const first =
        first_population(settings, {individual(0, -1), individual(1, 0), individual(2, -2)}, 3);
    CHECK(rows(first.islands[0]) == Rows{1, 0, 2});
    CHECK(first.success == 1);
}

TEST_CASE("success is the share of those that could be evaluated", "[evolution][population]") {
    Settings settings;
    settings.population = 10;
    std::vector<Individual> eight;
    for (std::uint64_t row = 0; row < 8; ++row) eight.push_back(individual(row, 0));
    CHECK(first_population(settings, eight, 10).success == Approx(0.8));
    auto const none = first_population(settings, {}, 10);
    CHECK(none.success == 0);
    settings.least_success = 0;
    CHECK(ending(settings, none) == Ending::extinction);
}

TEST_CASE("the best of each island go to the next one and push out its worst", "[evolution][population]") {
    Settings settings;
    settings.population = 8;
    settings.islands = 2;
    settings.elite = 0.5;
    settings.migration_interval = 2;
    settings.migrants = 1;
    auto const first =
        first_population(settings,
                         {individual(0, 10), individual(1, 9), individual(2, 8), individual(3, 7),
                          individual(4, 4, 1), individual(5, 3, 1), individual(6, 2, 1), individual(7, 1, 1)},
                         8);
    auto const second = next_population(settings, first, {individual(8, 0), individual(9, 0, 1)}, 2);
    CHECK(rows(second.islands[0]) == Rows{0, 1, 2, 8});  // generation 1: nobody migrates
    auto const third = next_population(settings, second, {individual(10, -1), individual(11, -1, 1)}, 2);
    CHECK(rows(third.islands[0]) == Rows{0, 1, 2, 4});
    CHECK(rows(third.islands[1]) == Rows{0, 4, 5, 6});
    CHECK(third.islands[1][0].island == 1);
    CHECK(rows(everybody(third)) == Rows{0, 1, 2, 4, 5, 6});
}

TEST_CASE("NSGA-II keeps the best of old and newborn together", "[evolution][population]") {
    Settings settings;
    settings.population = 3;
    settings.survival = Survival::pareto;
    CHECK(births(settings, 0) == 3);
    CHECK(most_evaluations(settings) == 30);
    auto const two = [](std::uint64_t row, double a, double b) {
        return Individual{row, 0, {0, {0}}, {a, b}};
    };
    auto const first = first_population(settings, {two(0, 0, 4), two(1, 1, 1), two(2, 4, 0)}, 3);
    auto const next = next_population(settings, first, {two(3, 3, 3), two(4, 0, 0), two(5, 2, 2)}, 3);
    CHECK(rows(next.islands[0]) == Rows{0, 2, 3});
    CHECK(next.stagnant == 0);
    auto const same = next_population(settings, next, {two(6, 0, 0), two(7, 1, 2), two(8, 2, 2)}, 3);
    CHECK(same.stagnant == 1);
}

TEST_CASE("an evolution ends after its generations or when nothing gets better", "[evolution][population]") {
    Settings settings;
    settings.population = 4;
    settings.generations = 3;
    settings.stagnation_limit = 1;
    Population population;
    population.islands = {{individual(0, 1)}};
    population.generation = 1;
    CHECK(ending(settings, population) == Ending::none);
    population.stagnant = 1;
    CHECK(ending(settings, population) == Ending::stagnation);
    population.generation = 2;
    CHECK(ending(settings, population) == Ending::generations);
}

TEST_CASE("settings that leave no room are named", "[evolution][population]") {
    Settings settings;
    CHECK(problems(settings).empty());
    CHECK(most_evaluations(settings) == 100 + 9 * 80);
    settings.elite = 1;
    CHECK(problems(settings).size() == 1);
    settings.islands = 60;
    CHECK(problems(settings).size() == 2);
}

}  // namespace
}  // namespace vaster::evolution
