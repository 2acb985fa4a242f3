#pragma once

#include <cstdint>

// Distribution functions and quantiles by Boost.Math, which only the source file includes. In double
// throughout, so that all machines agree; right to about 13 digits. NaN gives NaN; nothing throws but a
// broken contract.
namespace vaster::stats {

/// P(Z <= z) for a standard normal Z.
[[nodiscard]] double normal_cdf(double z);

/// The z with P(Z <= z) = p. @param p  in (0, 1)
[[nodiscard]] double normal_quantile(double p);

/// P(T <= t) for Student's t. @param degrees_of_freedom  any real number above 0
[[nodiscard]] double student_t_cdf(double t, double degrees_of_freedom);

/// The t with P(T <= t) = p. @param p  in (0, 1)  @param degrees_of_freedom  any real number above 0
[[nodiscard]] double student_t_quantile(double p, double degrees_of_freedom);

/// P(X <= x) for X ~ Beta(a, b): the regularised incomplete beta function I_x(a, b). A small upper tail keeps
/// its digits as beta_cdf(1 - x, b, a).
/// @param x     in [0, 1]
/// @param a, b  above 0
[[nodiscard]] double beta_cdf(double x, double a, double b);

/// P(X = k) for X ~ Binomial(n, p). @param k  at most n  @param p  in [0, 1]
[[nodiscard]] double binomial_mass(std::uint64_t k, std::uint64_t n, double p);

/// P(X <= k) for X ~ Binomial(n, p). @param k  at most n  @param p  in [0, 1]
[[nodiscard]] double binomial_cdf(std::uint64_t k, std::uint64_t n, double p);

}  // namespace vaster::stats
