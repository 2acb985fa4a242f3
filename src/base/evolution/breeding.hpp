#pragma once

#include <cstdint>
#include <vector>

#include "base/evolution/operators.hpp"
#include "base/evolution/population.hpp"

namespace vaster::evolution {

/// The individuals of the first generation, islands in order. Each is drawn from a stream of its own, named
/// by generation and place, so that it depends on nothing else.
/// @param founders  genomes that are to be among them: they go to the islands in turn, as long as there is
/// room
[[nodiscard]] std::vector<Birth> first_births(Space const& space, Settings const& settings,
                                              std::uint64_t seed, std::vector<Genome> const& founders = {});

/// The children of a population, islands in order: mother by tournament; with the chance of a crossover a
/// father by tournament among the others of her species on her island; then perhaps mutation. A child that
/// would be a copy is mutated. Streams as for first_births().
/// @param population  goes on, see ending()
[[nodiscard]] std::vector<Birth> next_births(Space const& space, Settings const& settings, std::uint64_t seed,
                                             Population const& population);

/// Mutation as the settings adapt it to the population's state: chance and step times 1.5 for each stagnant
/// generation, or times 0.2 / mean distance where that is smaller than 0.2; at most four times, a chance at
/// most 1 and a step at most 0.5.
struct AdaptedMutation {
    double chance = 0;  ///< of a child
    Mutation mutation;
};

[[nodiscard]] AdaptedMutation adapted_mutation(Space const& space, Settings const& settings,
                                               Population const& population);

}  // namespace vaster::evolution
