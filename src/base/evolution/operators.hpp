#pragma once

#include <cstddef>

#include "base/evolution/genome.hpp"
#include "vaster/support/random.hpp"

namespace vaster::evolution {

/// A value beyond a bound goes back as far as it went too far, as often as need be.
/// @param min, max  min <= max, finite
[[nodiscard]] double reflect(double value, double min, double max);

/// Species uniform, each gene uniform within its bounds.
[[nodiscard]] Genome random_genome(Space const& space, Random& random);

/// Blend crossover: each gene is  a + w (b - a)  with w uniform in [-reach, 1 + reach), reflected at its
/// bounds. Eshelman and Schaffer (1993), doi:10.1016/B978-0-08-094832-4.50018-0.
/// @param a, b  of one species
[[nodiscard]] Genome blend(Space const& space, Genome const& a, Genome const& b, double reach,
                           Random& random);

/// How a genome is mutated.
struct Mutation {
    double gene_chance = 0.3;  ///< of each gene
    double step = 0.1;         ///< standard deviation as share of the gene's range
};

/// Adds normal noise to some genes, reflected at the bounds: to each with the chance given, and to one at
/// least, drawn uniformly. Leaves a genome without genes as it is.
[[nodiscard]] Genome mutate(Space const& space, Genome genome, Mutation const& mutation, Random& random);

/// Tournament without replacement among n contestants that are ranked, best first.
/// @param size  contestants drawn; all, if there are no more
/// @return      the position of the best one drawn
[[nodiscard]] std::size_t tournament(std::size_t n, std::size_t size, Random& random);

}  // namespace vaster::evolution
