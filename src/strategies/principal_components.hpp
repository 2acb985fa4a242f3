#pragma once

#include <cstddef>

#include "support_vectors.hpp"

namespace vaster::strategies {

/// Directions in which rows of mean 0 vary most, each of length 1, largest variance first, as rows: by
/// orthogonal iteration of their covariance. Directions of the same variance may come in any mixture.
/// @param n  at most rows.n_columns
/// Golub and Van Loan (2013), Matrix Computations, section 8.2.4.
[[nodiscard]] Rows principal_directions(Rows const& rows, std::size_t n);

/// Coordinates of the rows along the directions.
[[nodiscard]] Rows project(Rows const& rows, Rows const& directions);

}  // namespace vaster::strategies
