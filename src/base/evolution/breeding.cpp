#include "base/evolution/breeding.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/evolution/diversity.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::evolution {
namespace {

using Island = std::vector<Individual>;

Random stream_of(std::uint64_t seed, std::size_t generation, std::size_t place) {
    return random_stream(seed, fmt::format("evolution generation={} individual={}", generation, place),
                         Purpose::fit);
}

/// Positions of the others of a species, best first.
std::vector<std::size_t> mates_of(Island const& island, std::size_t mother) {
    std::vector<std::size_t> mates;
    for (std::size_t i = 0; i < island.size(); ++i)
        if (i != mother && island[i].genome.species == island[mother].genome.species) mates.push_back(i);
    return mates;
}

Birth birth(Space const& space, Settings const& settings, AdaptedMutation const& adapted,
            Island const& island, Random& random) {
    std::size_t const mother = tournament(island.size(), settings.tournament, random);
    Birth child;
    child.genome = island[mother].genome;
    child.mother = static_cast<std::int64_t>(island[mother].row);
    auto const mates = mates_of(island, mother);
    if (random.uniform() < settings.crossover_chance && !mates.empty()) {
        Individual const& father = island[mates[tournament(mates.size(), settings.tournament, random)]];
        child.genome = blend(space, island[mother].genome, father.genome, settings.crossover_reach, random);
        child.father = static_cast<std::int64_t>(father.row);
    }
    if (random.uniform() < adapted.chance || child.genome == island[mother].genome)
        child.genome = mutate(space, std::move(child.genome), adapted.mutation, random);
    return child;
}

double boost(Space const& space, Settings const& settings, Population const& population) {
    constexpr double most = 4;
    constexpr double per_generation = 1.5;
    constexpr double least_distance = 0.2;
    if (settings.adaptation == Adaptation::stagnation)
        return std::min(most, std::pow(per_generation, static_cast<double>(population.stagnant)));
    if (settings.adaptation == Adaptation::none) return 1;
    double const mean = diversity(space, everybody(population)).mean_distance;
    return mean < least_distance ? std::min(most, least_distance / mean) : 1;
}

}  // namespace

AdaptedMutation adapted_mutation(Space const& space, Settings const& settings, Population const& population) {
    constexpr double largest_step = 0.5;
    double const factor = boost(space, settings, population);
    auto const raised = [&](double value, double most) {
        return std::max(value, std::min(most, value * factor));
    };
    return {raised(settings.mutation_chance, 1),
            {raised(settings.gene_chance, 1), raised(settings.mutation_step, largest_step)}};
}

std::vector<Birth> first_births(Space const& space, Settings const& settings, std::uint64_t seed,
                                std::vector<Genome> const& founders) {
    std::vector<Birth> all;
    all.reserve(settings.population);
    for (std::size_t island = 0; island < settings.islands; ++island)
        for (std::size_t i = 0; i < island_size(settings, island); ++i) {
            std::size_t const founder = i * settings.islands + island;
            Random random = stream_of(seed, 0, all.size());
            all.push_back({island,
                           founder < founders.size() ? founders[founder] : random_genome(space, random),
                           nobody, nobody});
        }
    return all;
}

std::vector<Birth> next_births(Space const& space, Settings const& settings, std::uint64_t seed,
                               Population const& population) {
    VASTER_EXPECTS(ending(settings, population) == Ending::none);
    AdaptedMutation const adapted = adapted_mutation(space, settings, population);
    std::vector<Birth> all;
    for (std::size_t island = 0; island < settings.islands; ++island)
        for (std::size_t i = 0; i < births(settings, island); ++i) {
            Random random = stream_of(seed, population.generation + 1, all.size());
            all.push_back(birth(space, settings, adapted, population.islands[island], random));
            all.back().island = island;
        }
    return all;
}

}  // namespace vaster::evolution
