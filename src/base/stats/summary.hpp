#pragma once

#include <cstddef>
#include <span>

#include "base/stats/interval.hpp"

namespace vaster::stats {

/// What a few numbers say together.
struct Summary {
    std::size_t n = 0;
    double mean = 0;  ///< NaN when n = 0
    double sd = 0;    ///< sample standard deviation, divisor n - 1; NaN when n < 2
};

/// A NaN among the values makes mean and sd NaN: leave missing values out first, and say so.
[[nodiscard]] Summary summarise(std::span<double const> values);

/// Interval for the mean of a normal population: mean +- t_{n-1}((1 + confidence) / 2) sd / sqrt(n). NaN when
/// n < 2.
[[nodiscard]] Interval t_interval(Summary const& summary, double confidence = 0.95);

/// Regularised incomplete beta function I_x(a, b) by its continued fraction, to a relative error of about
/// 1e-13.
/// @param a, b  above 0
/// @param x     in [0, 1]
/// DLMF 8.17.22, https://dlmf.nist.gov/8.17.E22; evaluated by Lentz's method, doi:10.1364/AO.15.000668.
[[nodiscard]] double incomplete_beta(double a, double b, double x);

/// P(T <= t) for Student's t with the given degrees of freedom (any real number above 0).
[[nodiscard]] double student_t_cdf(double t, double degrees_of_freedom);

/// The t with P(T <= t) = p, by bisection of the cdf to the last bit.
/// @param p  in (0, 1)
[[nodiscard]] double student_t_quantile(double p, double degrees_of_freedom);

}  // namespace vaster::stats
