#pragma once

#include <span>

#include "base/evolution/genome.hpp"

namespace vaster::evolution {

/// How different the individuals of a population are.
struct Diversity {
    double species_bits = 0;   ///< Shannon entropy of the species' shares [bit]
    double mean_distance = 0;  ///< mean of distance() over all pairs; NaN with fewer than two
    double spread = 0;  ///< sample standard deviation over |mean| of the first objective; NaN with fewer than
                        ///< two or mean 0
};

[[nodiscard]] Diversity diversity(Space const& space, std::span<Individual const> population);

}  // namespace vaster::evolution
