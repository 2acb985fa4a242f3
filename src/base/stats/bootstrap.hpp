#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "vaster/support/random.hpp"

namespace vaster::stats {

/// One bootstrap sample: fills `indices` with uniform draws from [0, indices.size()), with replacement. The
/// draws depend on the stream and the size only, so what is computed from the same stream is paired resample
/// by resample. Efron (1979), doi:10.1214/aos/1176344552.
inline void resample(Random& random, std::span<std::uint32_t> indices) {
    for (std::uint32_t& index : indices) index = static_cast<std::uint32_t>(random.below(indices.size()));
}

/// The same sample as how often each of the cases is in it: `counts` sums to its length. Takes the same draws
/// from the stream as resample().
inline void resample_counts(Random& random, std::span<std::uint32_t> counts) {
    std::fill(counts.begin(), counts.end(), 0U);
    for (std::size_t i = 0; i < counts.size(); ++i) ++counts[random.below(counts.size())];
}

}  // namespace vaster::stats
