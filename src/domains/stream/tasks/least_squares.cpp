#include "domains/stream/tasks/least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "vaster/support/contracts.hpp"

namespace vaster::stream {
namespace {

using Column = std::vector<double>;

constexpr double least_rest = 1e-10;
constexpr double least_spread = 1e-14;  ///< of the numbers themselves: less is rounding

double dot(Column const& a, Column const& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct Centred {
    Column values;
    double mean = 0;
    double spread = 0;     ///< norm of the values
    bool constant = true;  ///< but for rounding
};

Centred centred(Column values) {
    Centred column{std::move(values)};
    auto const n = static_cast<double>(column.values.size());
    column.mean = std::accumulate(column.values.begin(), column.values.end(), 0.0) / n;
    double rest = 0;
    for (double const value : column.values) rest += value - column.mean;
    column.mean += rest / n;
    for (auto& value : column.values) value -= column.mean;
    column.spread = std::sqrt(dot(column.values, column.values));
    column.constant = column.spread <= least_spread * std::sqrt(n) * std::abs(column.mean);
    return column;
}

/// Takes out of a column what those before it have, and tells how much of each that was.
std::vector<double> take_out(std::vector<Column> const& basis, Column& column) {
    std::vector<double> shares(basis.size());
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t k = 0; k < basis.size(); ++k) {
            double const share = dot(basis[k], column);
            shares[k] += share;
            for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * basis[k][i];
        }
    }
    return shares;
}

/// R x = c for the upper triangle R, given by columns.
std::vector<double> back_substituted(std::vector<std::vector<double>> const& columns, std::vector<double> c) {
    for (std::size_t k = columns.size(); k-- > 0;) {
        c[k] /= columns[k][k];
        for (std::size_t i = 0; i < k; ++i) c[i] -= columns[k][i] * c[k];
    }
    return c;
}

}  // namespace

bool LinearFit::is_finite() const {
    return std::isfinite(intercept) && std::all_of(coefficients.begin(), coefficients.end(),
                                                   [](double one) { return std::isfinite(one); });
}

double LinearFit::operator()(std::span<double const> attributes) const {
    return std::inner_product(attributes.begin(), attributes.end(), coefficients.begin(), intercept);
}

LinearFit fit_least_squares(TrainingRows const& rows) {
    VASTER_EXPECTS(rows.size() > 0);
    LinearFit fit;
    fit.coefficients.resize(rows.n_attributes());
    std::vector<double> means(rows.n_attributes());
    std::vector<std::size_t> kept;
    std::vector<Column> basis;
    std::vector<std::vector<double>> triangle;
    for (std::size_t j = 0; j < rows.n_attributes(); ++j) {
        Column values(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) values[i] = rows.attributes(i)[j];
        Centred column = centred(std::move(values));
        means[j] = column.mean;
        auto shares = take_out(basis, column.values);
        double const rest = std::sqrt(dot(column.values, column.values));
        if (column.constant || rest <= least_rest * column.spread) {
            fit.dropped.push_back(j);
            continue;
        }
        for (auto& value : column.values) value /= rest;
        shares.push_back(rest);
        kept.push_back(j);
        basis.push_back(std::move(column.values));
        triangle.push_back(std::move(shares));
    }
    Centred target = centred(rows.targets());
    auto const solution = back_substituted(triangle, take_out(basis, target.values));
    fit.intercept = target.mean;
    for (std::size_t k = 0; k < kept.size(); ++k) {
        fit.coefficients[kept[k]] = solution[k];
        fit.intercept -= solution[k] * means[kept[k]];
    }
    return fit;
}

}  // namespace vaster::stream
