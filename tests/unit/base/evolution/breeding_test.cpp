#include "base/evolution/breeding.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace vaster::evolution {
namespace {

Space hills() {
    return {{"flat", {{"x", -5, 5}, {"y", -5, 5}}}, {"hill", {{"x", -5, 5}, {"y", -5, 5}, {"z", -5, 5}}}};
}

/// The hill's top is 0 at (1, -2, 3); the flat one never gets above -30.
double height(Genome const& genome) {
    if (genome.species == 0) return -30 - std::abs(genome.genes[0]);
    double const x = genome.genes[0] - 1;
    double const y = genome.genes[1] + 2;
    double const z = genome.genes[2] - 3;
    return -(x * x + y * y + z * z);
}

std::vector<Individual> evaluated(std::vector<Birth> const& births, std::uint64_t first_row) {
    std::vector<Individual> all;
    for (auto const& birth : births)
        all.push_back({first_row + all.size(), birth.island, birth.genome, {height(birth.genome)}});
    return all;
}

Population evolved(Settings const& settings, std::uint64_t seed) {
    auto births = first_births(hills(), settings, seed);
    std::uint64_t row = births.size();
    Population population = first_population(settings, evaluated(births, 0), births.size());
    while (ending(settings, population) == Ending::none) {
        births = next_births(hills(), settings, seed, population);
        population = next_population(settings, population, evaluated(births, row), births.size());
        row += births.size();
    }
    CHECK(row <= most_evaluations(settings));
    return population;
}

TEST_CASE("an evolution climbs the hill", "[evolution][breeding]") {
    Settings settings;
    settings.population = 60;
    settings.generations = 30;
    settings.islands = GENERATE(1, 3);
    settings.adaptation = GENERATE(Adaptation::none, Adaptation::stagnation, Adaptation::diversity);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Individual const best = everybody(evolved(settings, seed)).front();
        CHECK(best.genome.species == 1);
        CHECK(best.objectives.front() > -0.2);
    }
}

TEST_CASE("the same seed gives the same genomes, another seed others", "[evolution][breeding]") {
    Settings settings;
    settings.population = 20;
    settings.generations = 5;
    auto const one = everybody(evolved(settings, 7));
    auto const same = everybody(evolved(settings, 7));
    auto const other = everybody(evolved(settings, 8));
    REQUIRE(one.size() == same.size());
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i].genome == same[i].genome);
    CHECK(!(one.front().genome == other.front().genome));
}

TEST_CASE("children have the species of both parents, keep the bounds, and are nobody's copy",
          "[evolution][breeding]") {
    Settings settings;
    settings.population = 50;
    settings.islands = 2;
    auto const births = first_births(hills(), settings, 3);
    auto const parents = evaluated(births, 0);
    auto const population = first_population(settings, parents, parents.size());
    std::size_t with_father = 0;
    auto const children = next_births(hills(), settings, 3, population);
    CHECK(children.size() == 40);
    for (auto const& child : children) {
        auto const& mother = parents.at(static_cast<std::size_t>(child.mother));
        CHECK(mother.island == child.island);
        CHECK(mother.genome.species == child.genome.species);
        CHECK(!(mother.genome == child.genome));
        for (double const gene : child.genome.genes) CHECK(std::abs(gene) <= 5);
        if (child.father == nobody) continue;
        ++with_father;
        auto const& father = parents.at(static_cast<std::size_t>(child.father));
        CHECK(father.island == child.island);
        CHECK(father.genome.species == child.genome.species);
        CHECK(child.father != child.mother);
    }
    CHECK(with_father > 20);
    CHECK(with_father < 40);
}

TEST_CASE("founders go to the islands in turn and change nobody else", "[evolution][breeding]") {
    Settings settings;
    settings.population = 8;
    settings.islands = 2;
    std::vector<Genome> const founders{{0, {1, 1}}, {0, {2, 2}}, {1, {3, 3, 3}}};
    auto const with = first_births(hills(), settings, 5, founders);
    auto const without = first_births(hills(), settings, 5);
    CHECK(with[0].genome == founders[0]);
    CHECK(with[1].genome == founders[2]);
    CHECK(with[4].genome == founders[1]);
    CHECK(with[4].island == 1);
    for (std::size_t const other : {2, 3, 5, 6, 7}) CHECK(with[other].genome == without[other].genome);
}

TEST_CASE("one alone of its species has children without a father", "[evolution][breeding]") {
    Settings settings;
    settings.population = 4;
    std::vector<Individual> const lonely{{0, 0, {0, {0, 0}}, {1}}, {1, 0, {1, {0, 0, 0}}, {0}}};
    for (auto const& child : next_births(hills(), settings, 1, first_population(settings, lonely, 4)))
        CHECK(child.father == nobody);
}

TEST_CASE("mutation becomes stronger when nothing gets better or all are alike", "[evolution][breeding]") {
    Settings settings;
    settings.population = 4;
    Population population;
    population.islands = {{{0, 0, {0, {0, 0}}, {1}}, {1, 0, {0, {1, 1}}, {0}}}};  // mean distance 0.1
    population.stagnant = 2;
    CHECK(adapted_mutation(hills(), settings, population).mutation.step == 0.1);
    settings.adaptation = Adaptation::stagnation;
    CHECK(adapted_mutation(hills(), settings, population).mutation.step == Approx(0.225));
    CHECK(adapted_mutation(hills(), settings, population).chance == Approx(0.675));
    settings.adaptation = Adaptation::diversity;
    CHECK(adapted_mutation(hills(), settings, population).mutation.step == Approx(0.2));
    population.stagnant = 50;
    settings.adaptation = Adaptation::stagnation;
    CHECK(adapted_mutation(hills(), settings, population).chance == 1);
    CHECK(adapted_mutation(hills(), settings, population).mutation.step == Approx(0.4));
}

}  // namespace
}  // namespace vaster::evolution
