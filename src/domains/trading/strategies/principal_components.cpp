#include "domains/trading/strategies/principal_components.hpp"

#include <algorithm>
#include <cmath>

#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr int n_iterations = 60;
constexpr std::size_t n_together = 4;  ///< rows added to the sums at once

double product(double const* a, double const* b, std::size_t n) {
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
    return sum;
}

/// sums[a][b] += sum over four rows of x[a] x[b], b <= a.
void add_products(double const* x, std::size_t d, double* sums) {
    for (std::size_t a = 0; a < d; ++a) {
        double* const row = sums + a * d;
        for (std::size_t b = 0; b <= a; ++b)
            row[b] +=
                x[a] * x[b] + x[d + a] * x[d + b] + x[2 * d + a] * x[2 * d + b] + x[3 * d + a] * x[3 * d + b];
    }
}

/// Sums of products of columns.
std::vector<double> scatter(RowRange const& range, Scaling const& scaling) {
    std::size_t const d = range.rows.n_columns;
    std::vector<double> sums(d * d);
    std::vector<double> block(n_together * d);
    for (std::size_t i = range.begin; i < range.end; i += n_together) {
        std::fill(block.begin(), block.end(), 0.0);
        for (std::size_t r = 0; r < std::min(n_together, range.end - i); ++r)
            scaling.apply(range.rows[i + r], std::span(block).subspan(r * d, d));
        add_products(block.data(), d, sums.data());
    }
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = a + 1; b < d; ++b) sums[a * d + b] = sums[b * d + a];
    return sums;
}

/// Makes the rows orthonormal, in their order.
void orthonormalise(Rows& rows) {
    std::size_t const d = rows.n_columns;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        double* const x = rows.values.data() + k * d;
        for (std::size_t before = 0; before < k; ++before) {
            double const* const y = rows.values.data() + before * d;
            double const overlap = product(x, y, d);
            for (std::size_t a = 0; a < d; ++a) x[a] -= overlap * y[a];
        }
        double const length = std::sqrt(product(x, x, d));
        for (std::size_t a = 0; a < d; ++a) x[a] = length > 0 ? x[a] / length : 0;
    }
}

}  // namespace

Rows principal_directions(RowRange const& range, Scaling const& scaling, std::size_t n) {
    std::size_t const d = range.rows.n_columns;
    VASTER_EXPECTS(n <= d);
    std::vector<double> const matrix = scatter(range, scaling);
    Rows directions{d, std::vector<double>(n * d)};
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t a = 0; a < d; ++a)
            directions.values[k * d + a] = std::cos(static_cast<double>((k + 1) * (a + 1)));
    orthonormalise(directions);
    for (int step = 0; step < n_iterations; ++step) {
        Rows next{d, std::vector<double>(n * d)};
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t a = 0; a < d; ++a) {
                double const factor = directions.values[k * d + a];
                double const* const column = matrix.data() + a * d;
                double* const image = next.values.data() + k * d;
                for (std::size_t b = 0; b < d; ++b) image[b] += factor * column[b];
            }
        orthonormalise(next);
        directions = std::move(next);
    }
    return directions;
}

Rows project(RowRange const& range, Scaling const& scaling, Rows const& directions) {
    std::size_t const d = range.rows.n_columns;
    std::size_t const n = directions.size();
    Rows result{n, std::vector<double>((range.end - range.begin) * n)};
    std::vector<double> scaled(d);
    for (std::size_t i = range.begin; i < range.end; ++i) {
        scaling.apply(range.rows[i], scaled);
        double* const along = result.values.data() + (i - range.begin) * n;
        for (std::size_t a = 0; a < d; ++a)
            for (std::size_t k = 0; k < n; ++k) along[k] += scaled[a] * directions.values[k * d + a];
    }
    return result;
}

}  // namespace vaster::strategies
