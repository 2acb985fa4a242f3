#pragma once

#include <cstddef>

#include "domains/trading/strategies/learning.hpp"

namespace vaster::strategies {

/// The rows [begin, end) of more of them.
struct RowRange {
    Rows const& rows;
    std::size_t begin;
    std::size_t end;
};

/// Directions in which scaled rows vary most, each of length 1, largest variance first, as rows: by
/// orthogonal iteration of their covariance. Directions of the same variance may come in any mixture.
/// @param n  at most the number of columns
/// Golub and Van Loan (2013), Matrix Computations, section 8.2.4.
[[nodiscard]] Rows principal_directions(RowRange const& range, Scaling const& scaling, std::size_t n);

/// Coordinates of the scaled rows along the directions.
[[nodiscard]] Rows project(RowRange const& range, Scaling const& scaling, Rows const& directions);

}  // namespace vaster::strategies
