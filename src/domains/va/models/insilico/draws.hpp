#pragma once

#include "vaster/support/random.hpp"

/// Draws from the distributions that InSilicoVA's sampler needs.
namespace vaster::models::insilicova {

/// Uniform in (0, 1), never 0.
[[nodiscard]] double open_uniform(Random& random);

/// log u < bound? Most often 1 - 1 / u <= log u <= u - 1 settles it, and no logarithm is worked out.
/// @pre u > 0
[[nodiscard]] bool log_is_below(double u, double bound);

/// Beta(a, b) restricted to (lower, upper), as InSilicoVA draws it: where the interval holds less than 1e-8
/// of the distribution its middle is taken, and an empty interval gives `upper`.
///
/// The reference inverts the distribution function. Here log density is taken on the scale z = log(x / (1 -
/// x)), where it is a z - (a + b) log(1 + e^z), concave for all a and b: three tangents make an envelope that
/// most proposals pass, and no distribution function is needed save to settle whether 1e-8 is reached where
/// bounds cannot tell.
/// @pre a > 0, b > 0, lower > 0, upper < 1
/// Devroye (1986), Non-Uniform Random Variate Generation, VII.2, doi:10.1007/978-1-4613-8643-8.
[[nodiscard]] double draw_truncated_beta(double a, double b, double lower, double upper, Random& random);

}  // namespace vaster::models::insilicova
