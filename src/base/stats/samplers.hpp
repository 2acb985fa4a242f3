#pragma once

#include <cstddef>
#include <span>

#include "vaster/support/random.hpp"

namespace vaster::stats {

// Fixed algorithms: the same stream gives the same draws with every compiler and standard library. No sampler
// keeps state between calls.

/// Standard normal. Polar method: Marsaglia and Bray (1964), doi:10.1137/1006063; the second variate is
/// dropped.
[[nodiscard]] double sample_normal(Random& random);

/// So many standard normals by the same method, which gives them in pairs: cheaper than one by one, and other
/// draws.
void sample_normals(Random& random, std::span<double> draws);

/// Gamma with the given shape and scale 1.
/// Marsaglia and Tsang (2000), doi:10.1145/358407.358414; below shape 1 by their boost G(a) = G(a + 1)
/// U^(1/a).
/// @param shape  above 0; below about 0.001 draws underflow to 0, see sample_log_gamma
[[nodiscard]] double sample_gamma(Random& random, double shape);

/// Logarithm of a gamma variate of scale 1; never underflows. Takes the same draws from the stream as
/// sample_gamma.
/// @param shape  above 0
[[nodiscard]] double sample_log_gamma(Random& random, double shape);

/// Beta, as X / (X + Y) of two gamma variates, formed from their logarithms: right for small parameters too.
/// @param a, b  above 0
[[nodiscard]] double sample_beta(Random& random, double a, double b);

/// Dirichlet, as normalised gamma variates, formed from their logarithms. `draw` sums to 1.
/// @param concentration  each above 0
/// @param draw           same length; may be the same memory
void sample_dirichlet(Random& random, std::span<double const> concentration, std::span<double> draw);

/// An index drawn in proportion to the weights, by searching their running sum. Never one of weight 0.
/// @param weights  none negative, at least one above 0, finite sum
[[nodiscard]] std::size_t sample_categorical(Random& random, std::span<double const> weights);

}  // namespace vaster::stats
