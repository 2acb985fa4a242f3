#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/evolution/genome.hpp"
#include "base/evolution/settings.hpp"

namespace vaster::evolution {

/// A generation as it lives, and what has to be known of those before to go on.
struct Population {
    std::size_t generation = 0;                    ///< counted from 0
    std::vector<std::vector<Individual>> islands;  ///< each ranked, best first
    std::size_t stagnant = 0;                      ///< generations since the last that brought a better one
    double success = 1;                            ///< share of the newborn that could be evaluated
};

/// The islands of the first generation.
/// @param newborn    those that could be evaluated
/// @param attempted  how many there were
[[nodiscard]] Population first_population(Settings const& settings, std::vector<Individual> newborn,
                                          std::size_t attempted);

/// The next generation: who of the old lives on beside whom of the newborn, who migrates. The old fill the
/// places of newborn that could not be evaluated. Islands are a ring: the best of each go to the next, where
/// they take the places of the worst; they stay at home, too.
[[nodiscard]] Population next_population(Settings const& settings, Population const& old,
                                         std::vector<Individual> newborn, std::size_t attempted);

/// Why an evolution does not go on.
enum class Ending : std::uint8_t {
    none,         ///< it goes on
    generations,  ///< there were as many as there should be
    stagnation,   ///< nothing better for too long
    failures,     ///< too many could not be evaluated
    extinction,   ///< an island has nobody left
};

[[nodiscard]] Ending ending(Settings const& settings, Population const& population);

/// Those of all islands, each once, ranked.
[[nodiscard]] std::vector<Individual> everybody(Population const& population);

}  // namespace vaster::evolution
