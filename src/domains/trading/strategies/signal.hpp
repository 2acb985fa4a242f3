#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/market/bars.hpp"
#include "domains/trading/strategies/seeds.hpp"

namespace vaster::strategies {

/// Which rules a signal follows.
enum class Profile : std::uint8_t {
    corrected,  ///< the default: no signal depends on a later bar
    published,  ///< with the faults of the earlier system, to meet its numbers; some look ahead
};

struct Settings {
    Profile profile = Profile::corrected;
    Indicators indicators = Indicators::standard;
};

/// The signal of a seed on every bar: above 0 to be long, below 0 to be short, in [-1, 1], 0 while there are
/// too few bars. The signal of a bar is known at its close: it may be traded on the next one. The same
/// arguments give the same bytes.
/// @param genes  [n_genes] of the seed; those out of bounds are moved to the nearest bound
/// @throws DataError when the seed needs a column that the bars have not: Funding_Rate_Carry needs funding
///         rates
[[nodiscard]] std::vector<double> signal(SeedIndex seed, std::span<double const> genes,
                                         market::Bars const& bars, Settings const& settings = {});

}  // namespace vaster::strategies
