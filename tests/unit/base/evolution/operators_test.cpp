#include "base/evolution/operators.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "base/evolution/diversity.hpp"

namespace vaster::evolution {
namespace {

Space two_species() {
    return {{"one", {{"x", 0, 10}, {"y", -1, 1}}}, {"two", {{"z", 5, 5}}}};
}

TEST_CASE("a value beyond a bound comes back as far as it went too far", "[evolution][operators]") {
    CHECK(reflect(0.25, 0, 1) == 0.25);
    CHECK(reflect(1.25, 0, 1) == Approx(0.75));
    CHECK(reflect(-0.25, 0, 1) == Approx(0.25));
    CHECK(reflect(2.25, 0, 1) == Approx(0.25));  // over the top, then under the bottom
    CHECK(reflect(-7.5, -2, 2) == Approx(0.5));  // 3.5 above the bottom, then 1.5 below the top
    CHECK(reflect(17, 3, 3) == 3);
}

TEST_CASE("random genomes fill the whole space and keep its bounds", "[evolution][operators]") {
    Space const space = two_species();
    Random random(1);
    std::size_t of_one = 0;
    double sum = 0;
    for (int i = 0; i < 2000; ++i) {
        Genome const genome = random_genome(space, random);
        if (genome.species == 1) {
            REQUIRE(genome.genes == std::vector<double>{5});
            continue;
        }
        ++of_one;
        REQUIRE(genome.genes.size() == 2);
        REQUIRE((genome.genes[0] >= 0 && genome.genes[0] <= 10));
        REQUIRE((genome.genes[1] >= -1 && genome.genes[1] <= 1));
        sum += genome.genes[0];
    }
    CHECK(of_one == Approx(1000).margin(100));                          // 4.5 standard deviations
    CHECK(sum / static_cast<double>(of_one) == Approx(5).margin(0.5));  // 5.5
}

TEST_CASE("a child of two parents lies between them without reach, and just beyond with it",
          "[evolution][operators]") {
    Space const space = two_species();
    Genome const a{0, {2, 0}};
    Genome const b{0, {4, 0.5}};
    Random random(2);
    double least = 10;
    double most = 0;
    for (int i = 0; i < 1000; ++i) {
        Genome const between = blend(space, a, b, 0, random);
        REQUIRE((between.genes[0] >= 2 && between.genes[0] <= 4));
        Genome const beyond = blend(space, a, b, 0.5, random);
        least = std::min(least, beyond.genes[0]);
        most = std::max(most, beyond.genes[0]);
        REQUIRE((beyond.genes[1] >= -0.25 && beyond.genes[1] <= 0.75));
    }
    CHECK(least == Approx(1).margin(0.05));
    CHECK(most == Approx(5).margin(0.05));
}

TEST_CASE("mutation changes one gene at least, by a step that is a share of the range",
          "[evolution][operators]") {
    Space const space = two_species();
    Genome const middle{0, {5, 0}};
    Random random(3);
    double squares = 0;
    int changed = 0;
    int both = 0;
    constexpr int n = 4000;
    for (int i = 0; i < n; ++i) {
        Genome const mutant = mutate(space, middle, {0.3, 0.05}, random);
        bool const first = mutant.genes[0] != 5;
        bool const second = mutant.genes[1] != 0;
        REQUIRE((first || second));
        both += first && second ? 1 : 0;
        changed += first ? 1 : 0;
        if (first) squares += (mutant.genes[0] - 5) * (mutant.genes[0] - 5);
    }
    CHECK(std::sqrt(squares / changed) == Approx(0.5).margin(0.03));  // 0.05 of a range of 10
    CHECK(static_cast<double>(both) / n ==
          Approx(0.3).margin(0.04));  // the chosen one, and the other by chance
    CHECK(mutate(space, {1, {5}}, {1, 1}, random).genes == std::vector<double>{5});
}

TEST_CASE("a zero is mutated like any other value", "[evolution][operators]") {
    Space const space{{"one", {{"x", -1, 1}}}};
    Random random(4);
    CHECK(mutate(space, {0, {0}}, {0, 0.1}, random).genes[0] != 0);
}

TEST_CASE("the best of a tournament without replacement wins", "[evolution][operators]") {
    Random random(5);
    CHECK(tournament(7, 7, random) == 0);
    CHECK(tournament(7, 100, random) == 0);
    // P(best of 3 of 10 is the k-th) = C(9-k, 2) / C(10, 3), k from 0
    std::vector<int> wins(10, 0);
    constexpr int n = 12000;
    for (int i = 0; i < n; ++i) ++wins[tournament(10, 3, random)];
    for (int k = 0; k < 10; ++k)
        CHECK(static_cast<double>(wins[k]) / n == Approx((9 - k) * (8 - k) / 2 / 120.0).margin(0.02));
}

TEST_CASE("distance is a share of the ranges within a species and 1 between species",
          "[evolution][diversity]") {
    Space const space = two_species();
    CHECK(distance(space, {0, {0, -1}}, {0, {10, 1}}) == 1);
    CHECK(distance(space, {0, {0, 0}}, {0, {5, 0}}) == Approx(0.5 / std::sqrt(2)));
    CHECK(distance(space, {0, {0, 0}}, {1, {5}}) == 1);
    CHECK(distance(space, {1, {5}}, {1, {5}}) == 0);
}

TEST_CASE("diversity of a population by hand", "[evolution][diversity]") {
    Space const space = two_species();
    std::vector<Individual> const population{
        {0, 0, {0, {0, 0}}, {1}}, {1, 0, {0, {10, 0}}, {2}}, {2, 0, {1, {5}}, {3}}, {3, 0, {1, {5}}, {6}}};
    Diversity const measured = diversity(space, population);
    CHECK(measured.species_bits == Approx(1));
    // pairs: 01: 1/sqrt 2; 02 03 12 13: 1; 23: 0
    CHECK(measured.mean_distance == Approx((1 / std::sqrt(2) + 4) / 6));
    CHECK(measured.spread == Approx(std::sqrt(14.0 / 3) / 3));
    CHECK(std::isnan(diversity(space, {population.data(), 1}).mean_distance));
}

}  // namespace
}  // namespace vaster::evolution
