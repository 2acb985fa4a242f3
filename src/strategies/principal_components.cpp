#include "principal_components.hpp"

#include <cmath>
#include <numeric>

#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr int n_iterations = 60;

/// Sums of products of columns.
Rows scatter(Rows const& rows) {
    std::size_t const d = rows.n_columns;
    Rows result{d, std::vector<double>(d * d)};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        double const* const x = rows[i].data();
        for (std::size_t a = 0; a < d; ++a) {
            double* const sums = result.values.data() + a * d;
            double const factor = x[a];
            for (std::size_t b = 0; b < d; ++b) sums[b] += factor * x[b];
        }
    }
    return result;
}

double product(double const* a, double const* b, std::size_t n) {
    return std::inner_product(a, a + n, b, 0.0);
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

Rows principal_directions(Rows const& rows, std::size_t n) {
    std::size_t const d = rows.n_columns;
    VASTER_EXPECTS(n <= d);
    Rows const matrix = scatter(rows);
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
                for (std::size_t b = 0; b < d; ++b)
                    next.values[k * d + b] += factor * matrix.values[a * d + b];
            }
        orthonormalise(next);
        directions = std::move(next);
    }
    return directions;
}

Rows project(Rows const& rows, Rows const& directions) {
    Rows result{directions.size(), {}};
    result.values.reserve(rows.size() * directions.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t k = 0; k < directions.size(); ++k)
            result.values.push_back(product(rows[i].data(), directions[k].data(), rows.n_columns));
    return result;
}

}  // namespace vaster::strategies
