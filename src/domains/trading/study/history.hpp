#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/evolution/population.hpp"
#include "domains/trading/study/options.hpp"
#include "domains/trading/study/space.hpp"
#include "vaster/study/study.hpp"

namespace vaster::trading {

/// A generation of a window, once all of its newborn are settled.
struct SettledGeneration {
    std::size_t window = 0;
    evolution::Population population;
    std::size_t attempted = 0;  ///< newborn
    std::size_t evaluated = 0;  ///< of them, with a result
};

/// Plays through what the records say, generation by generation, windows in order, and shows each generation
/// to the watcher.
/// @return the last one of each window; empty without records
std::vector<SettledGeneration> replay(EvolveOptions const& options, EvolveSpace const& space,
                                      study::Records const& records,
                                      std::function<void(SettledGeneration const&)> const& watch);

}  // namespace vaster::trading
