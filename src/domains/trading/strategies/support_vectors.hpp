#pragma once

#include <cstddef>
#include <cstdint>
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

/// Finds planes between the rows of two classes: linear support vector machines,
///     min  |w|^2 / 2 + cost sum_i times_i max(0, 1 - y_i (w x_i + b)),
/// by sequential minimal optimisation. All planes of one separator share the products of its rows.
/// Fan, Chen and Lin (2005), Journal of Machine Learning Research 6:1889 (their second working set rule).
class Separator {
  public:
    /// Both must outlive it. @param labels  1 or -1, one a row
    Separator(Rows const& rows, std::span<int const> labels, double cost);

    /// The plane of a sample. With one class only: that class everywhere.
    /// @param times  how often each row is in the sample
    /// @param tolerance  LIBSVM's own: 1e-3
    [[nodiscard]] Plane separate(std::span<std::uint32_t const> times, double tolerance) const;

    /// Share of labels that planes get right which have not seen them: stratified folds of rows in order, as
    /// scikit-learn's StratifiedKFold forms them. @param n_folds  2 or more
    [[nodiscard]] double cross_validated_accuracy(std::size_t n_folds) const;

  private:
    friend class Dual;

    Rows const& rows_;
    std::span<int const> labels_;
    double cost_;
    std::vector<double> products_;  ///< of all pairs of rows
    std::vector<double> gains_;     ///< 1 / squared distance of all pairs of rows
};

}  // namespace vaster::strategies
