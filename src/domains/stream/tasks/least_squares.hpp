#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domains/stream/tasks/training_rows.hpp"

namespace vaster::stream {

/// intercept + sum_j coefficients[j] x[j]
struct LinearFit {
    double intercept = 0;
    std::vector<double> coefficients;  ///< 0 of attributes that were dropped
    std::vector<std::size_t> dropped;  ///< constant, or a combination of those before them

    /// Are all coefficients within the doubles? Attributes near their end can bring that about.
    [[nodiscard]] bool is_finite() const;

    [[nodiscard]] double operator()(std::span<double const> attributes) const;
};

/// Least squares by QR: Gram-Schmidt with reorthogonalisation on centred columns. An attribute whose rest,
/// once those before it have been taken out, is below 1e-10 of its spread is dropped. Golub and Van Loan
/// (2013), Matrix Computations, 4th ed., section 5.2.9.
/// @param rows  at least one
[[nodiscard]] LinearFit fit_least_squares(TrainingRows const& rows);

}  // namespace vaster::stream
