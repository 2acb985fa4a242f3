#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vaster::strategies {

/// Rows of numbers: row i is values[i * n_columns ... + n_columns].
struct Rows {
    std::size_t n_columns = 0;
    std::vector<double> values;

    [[nodiscard]] std::size_t size() const { return n_columns == 0 ? 0 : values.size() / n_columns; }

    [[nodiscard]] std::span<double const> operator[](std::size_t i) const {
        return {values.data() + i * n_columns, n_columns};
    }
};

/// A plane between two classes: weights x + offset is above 0 on the side of class 1.
struct Plane {
    std::vector<double> weights;
    double offset = 0;

    [[nodiscard]] double side(std::span<double const> x) const;
};

/// The plane of a linear support vector machine,
///     min  |w|^2 / 2 + cost sum_i max(0, 1 - y_i (w x_i + b)),
/// by sequential minimal optimisation, to an accuracy that is LIBSVM's own by default. With one class only:
/// that class everywhere.
/// @param labels  1 or -1, one a row
/// Fan, Chen and Lin (2005), Journal of Machine Learning Research 6:1889 (their second working set rule).
[[nodiscard]] Plane separate(Rows const& rows, std::span<int const> labels, double cost,
                             double tolerance = 1e-3);

/// Share of labels that planes get right which have not seen them: stratified folds of rows in order, as
/// scikit-learn's StratifiedKFold forms them. @param n_folds  2 or more
[[nodiscard]] double cross_validated_accuracy(Rows const& rows, std::span<int const> labels, double cost,
                                              std::size_t n_folds);

}  // namespace vaster::strategies
