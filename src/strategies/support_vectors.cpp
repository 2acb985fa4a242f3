#include "support_vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace vaster::strategies {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double rough = 0.05;  ///< accuracy that is enough to judge a plane
constexpr double flat = 1e-12;  ///< curvature of a pair of equal rows

/// The dual problem: min a' Q a / 2 - sum a, 0 <= a <= cost, y' a = 0, Q_ij = y_i y_j x_i x_j. Loops are
/// without branches, so that the compiler vectorises them.
class Dual {
  public:
    Dual(Rows const& rows, std::span<int const> labels, double cost)
        : n_(rows.size()),
          labels_(labels.begin(), labels.end()),
          cost_(cost),
          products_(n_ * n_),
          alpha_(n_),
          value_(labels_),
          rise_(n_),
          fall_(n_),
          gain_(n_) {
        for (std::size_t i = 0; i < n_; ++i) {
            set_bounds(i);
            for (std::size_t j = 0; j <= i; ++j) {
                double const product =
                    std::inner_product(rows[i].begin(), rows[i].end(), rows[j].begin(), 0.0);
                products_[i * n_ + j] = product;
                products_[j * n_ + i] = product;
            }
        }
        for (std::size_t i = 0; i < n_; ++i) squares_.push_back(products_[i * n_ + i]);
    }

    void solve(double tolerance) {
        std::size_t const most_steps = 10000 + 100 * n_;
        for (std::size_t step = 0; step < most_steps; ++step) {
            Pair const pair = choose();
            if (!(pair.gap >= tolerance)) return;
            improve(pair.i, pair.j);
        }
    }

    [[nodiscard]] Plane plane(Rows const& rows) const {
        Plane result{std::vector<double>(rows.n_columns), offset()};
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t k = 0; k < rows.n_columns; ++k)
                result.weights[k] += alpha_[i] * labels_[i] * rows[i][k];
        return result;
    }

  private:
    struct Pair {
        std::size_t i = 0;
        std::size_t j = 0;
        double gap = 0;
    };

    void set_bounds(std::size_t i) {
        bool const is_high = alpha_[i] >= cost_;
        bool const is_low = alpha_[i] <= 0;
        rise_[i] = (labels_[i] > 0 ? is_high : is_low) ? -infinite : 0;
        fall_[i] = (labels_[i] > 0 ? is_low : is_high) ? infinite : 0;
    }

    [[nodiscard]] double curvature(std::size_t i, std::size_t j) const {
        return std::max(flat, squares_[i] + squares_[j] - 2 * products_[i * n_ + j]);
    }

    /// The most violating row, and the one with which it gains most.
    [[nodiscard]] Pair choose() {
        double highest = -infinite;
        Pair pair;
        for (std::size_t i = 0; i < n_; ++i) {
            double const value = value_[i] + rise_[i];
            if (value > highest) {
                highest = value;
                pair.i = i;
            }
        }
        double const square = squares_[pair.i];
        double const* const row = products_.data() + pair.i * n_;
        for (std::size_t j = 0; j < n_; ++j) {
            double const distance = std::max(0.0, highest - (value_[j] + fall_[j]));
            gain_[j] = distance * distance / std::max(flat, square + squares_[j] - 2 * row[j]);
        }
        double best = 0;
        double lowest = infinite;
        for (std::size_t j = 0; j < n_; ++j) {
            lowest = std::min(lowest, value_[j] + fall_[j]);
            if (gain_[j] > best) {
                best = gain_[j];
                pair.j = j;
            }
        }
        pair.gap = best > 0 ? highest - lowest : 0;
        return pair;
    }

    /// Moves along a_i += y_i step, a_j -= y_j step, within the box.
    void improve(std::size_t i, std::size_t j) {
        double step = (value_[i] - value_[j]) / curvature(i, j);
        step = std::min(step, labels_[i] > 0 ? cost_ - alpha_[i] : alpha_[i]);
        step = std::min(step, labels_[j] > 0 ? alpha_[j] : cost_ - alpha_[j]);
        alpha_[i] = std::clamp(alpha_[i] + labels_[i] * step, 0.0, cost_);
        alpha_[j] = std::clamp(alpha_[j] - labels_[j] * step, 0.0, cost_);
        set_bounds(i);
        set_bounds(j);
        double const* const row_i = products_.data() + i * n_;
        double const* const row_j = products_.data() + j * n_;
        for (std::size_t k = 0; k < n_; ++k) value_[k] -= step * (row_i[k] - row_j[k]);
    }

    /// From the rows on the margin; where there are none, the middle of what is possible.
    [[nodiscard]] double offset() const {
        double sum = 0;
        std::size_t n_free = 0;
        double highest = -infinite;
        double lowest = infinite;
        for (std::size_t i = 0; i < n_; ++i) {
            if (alpha_[i] > 0 && alpha_[i] < cost_) {
                sum += value_[i];
                ++n_free;
            }
            highest = std::max(highest, value_[i] + rise_[i]);
            lowest = std::min(lowest, value_[i] + fall_[i]);
        }
        return n_free > 0 ? sum / static_cast<double>(n_free) : (highest + lowest) / 2;
    }

    std::size_t n_;
    std::vector<double> labels_;
    double cost_;
    std::vector<double> products_;
    std::vector<double> squares_;
    std::vector<double> alpha_;
    std::vector<double> value_;  ///< -y times the gradient
    std::vector<double> rise_;   ///< 0 where y a may rise, else -infinite
    std::vector<double> fall_;   ///< 0 where y a may fall, else infinite
    std::vector<double> gain_;
};

/// The fold of every row.
std::vector<std::size_t> stratified_folds(std::span<int const> labels, std::size_t n_folds) {
    auto const n_low = static_cast<std::size_t>(std::count(labels.begin(), labels.end(), -1));
    // Class sizes in a fold are those of every n_folds-th label of the sorted labels.
    std::array<std::vector<std::size_t>, 2> folds_of_class;
    std::array<std::vector<std::size_t>, 2> sizes{std::vector<std::size_t>(n_folds),
                                                  std::vector<std::size_t>(n_folds)};
    for (std::size_t i = 0; i < labels.size(); ++i) ++sizes[i < n_low ? 0 : 1][i % n_folds];
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t fold = 0; fold < n_folds; ++fold)
            folds_of_class[c].insert(folds_of_class[c].end(), sizes[c][fold], fold);
    std::array<std::size_t, 2> seen{};
    std::vector<std::size_t> result;
    for (int const label : labels) {
        std::size_t const c = label < 0 ? 0 : 1;
        result.push_back(folds_of_class[c][seen[c]++]);
    }
    return result;
}

}  // namespace

double Plane::side(std::span<double const> x) const {
    return std::inner_product(x.begin(), x.end(), weights.begin(), offset);
}

Plane separate(Rows const& rows, std::span<int const> labels, double cost, double tolerance) {
    bool const has_one_class =
        std::all_of(labels.begin(), labels.end(), [&](int label) { return label == labels.front(); });
    if (has_one_class)
        return {std::vector<double>(rows.n_columns), labels.empty() ? 0.0 : labels.front() * 1.0};
    Dual dual(rows, labels, cost);
    dual.solve(tolerance);
    return dual.plane(rows);
}

double cross_validated_accuracy(Rows const& rows, std::span<int const> labels, double cost,
                                std::size_t n_folds) {
    auto const fold_of = stratified_folds(labels, n_folds);
    double sum = 0;
    for (std::size_t fold = 0; fold < n_folds; ++fold) {
        Rows seen{rows.n_columns, {}};
        std::vector<int> seen_labels;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (fold_of[i] == fold) continue;
            seen.values.insert(seen.values.end(), rows[i].begin(), rows[i].end());
            seen_labels.push_back(labels[i]);
        }
        Plane const plane = separate(seen, seen_labels, cost, rough);
        std::size_t right = 0;
        std::size_t total = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (fold_of[i] != fold) continue;
            ++total;
            right += (plane.side(rows[i]) > 0) == (labels[i] > 0) ? 1 : 0;
        }
        sum += total == 0 ? 0 : static_cast<double>(right) / static_cast<double>(total);
    }
    return sum / static_cast<double>(n_folds);
}

}  // namespace vaster::strategies
