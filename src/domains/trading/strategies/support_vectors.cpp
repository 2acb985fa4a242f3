#include "domains/trading/strategies/support_vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace vaster::strategies {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double rough = 0.1;       ///< accuracy that is enough to judge a plane
constexpr double flat = 1e-12;      ///< curvature of a pair of equal rows
constexpr std::size_t n_lanes = 8;  ///< numbers compared side by side

/// Largest of n numbers. Lanes are independent of each other, so that the compiler vectorises them.
double highest_of(double const* x, std::size_t n) {
    std::array<double, n_lanes> best;
    best.fill(-infinite);
    std::size_t const n_whole = n - n % n_lanes;
    for (std::size_t i = 0; i < n_whole; i += n_lanes)
        for (std::size_t k = 0; k < n_lanes; ++k) best[k] = best[k] < x[i + k] ? x[i + k] : best[k];
    for (std::size_t i = n_whole; i < n; ++i) best[0] = best[0] < x[i] ? x[i] : best[0];
    return *std::max_element(best.begin(), best.end());
}

std::size_t first_place_of(double value, double const* x, std::size_t n) {
    return static_cast<std::size_t>(std::find(x, x + n, value) - x);
}

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

/// The dual problem of a sample: min a' Q a / 2 - sum a, 0 <= a_i <= cost times_i, y' a = 0,
/// Q_ij = y_i y_j x_i x_j. Rows that are not in the sample stay at 0.
class Dual {
  public:
    Dual(Separator const& of, std::span<std::uint32_t const> times)
        : of_(of),
          n_(of.rows_.size()),
          most_(n_),
          alpha_(n_),
          value_(of.labels_.begin(), of.labels_.end()),
          rise_(n_),
          fall_(n_),
          risen_(n_),
          below_(n_),
          gain_(n_) {
        for (std::size_t i = 0; i < n_; ++i) {
            most_[i] = of.cost_ * times[i];
            set_bounds(i);
        }
    }

    void solve(double tolerance) {
        std::size_t const most_steps = 10000 + 100 * n_;
        for (std::size_t step = 0; step < most_steps; ++step) {
            Pair const pair = choose();
            if (!(pair.gap >= tolerance)) return;
            improve(pair.i, pair.j);
        }
    }

    [[nodiscard]] Plane plane() const {
        Rows const& rows = of_.rows_;
        Plane result{std::vector<double>(rows.n_columns), offset()};
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t k = 0; k < rows.n_columns; ++k)
                result.weights[k] += alpha_[i] * of_.labels_[i] * rows[i][k];
        return result;
    }

  private:
    struct Pair {
        std::size_t i = 0;
        std::size_t j = 0;
        double gap = 0;
    };

    void set_bounds(std::size_t i) {
        bool const is_high = alpha_[i] >= most_[i];
        bool const is_low = alpha_[i] <= 0;
        rise_[i] = (of_.labels_[i] > 0 ? is_high : is_low) ? -infinite : 0;
        fall_[i] = (of_.labels_[i] > 0 ? is_low : is_high) ? infinite : 0;
    }

    /// The most violating row, and the one with which it gains most.
    [[nodiscard]] Pair choose() {
        Pair pair;
        for (std::size_t i = 0; i < n_; ++i) risen_[i] = value_[i] + rise_[i];
        double const highest = highest_of(risen_.data(), n_);
        pair.i = first_place_of(highest, risen_.data(), n_);
        if (pair.i == n_) return {};
        double const* const gains = of_.gains_.data() + pair.i * n_;
        // Of those that may fall, how far they are below, and what moving there would gain.
        for (std::size_t j = 0; j < n_; ++j) below_[j] = highest - (value_[j] + fall_[j]);
        for (std::size_t j = 0; j < n_; ++j) gain_[j] = std::max(0.0, below_[j]);
        for (std::size_t j = 0; j < n_; ++j) gain_[j] *= gain_[j] * gains[j];
        double const best = highest_of(gain_.data(), n_);
        pair.j = first_place_of(best, gain_.data(), n_);
        pair.gap = best > 0 ? highest_of(below_.data(), n_) : 0;
        return pair;
    }

    /// Moves along a_i += y_i step, a_j -= y_j step, within the box.
    void improve(std::size_t i, std::size_t j) {
        auto const& y = of_.labels_;
        double step = (value_[i] - value_[j]) * of_.gains_[i * n_ + j];
        step = std::min(step, y[i] > 0 ? most_[i] - alpha_[i] : alpha_[i]);
        step = std::min(step, y[j] > 0 ? alpha_[j] : most_[j] - alpha_[j]);
        alpha_[i] = std::clamp(alpha_[i] + y[i] * step, 0.0, most_[i]);
        alpha_[j] = std::clamp(alpha_[j] - y[j] * step, 0.0, most_[j]);
        set_bounds(i);
        set_bounds(j);
        double const* const row_i = of_.products_.data() + i * n_;
        double const* const row_j = of_.products_.data() + j * n_;
        for (std::size_t k = 0; k < n_; ++k) value_[k] -= step * (row_i[k] - row_j[k]);
    }

    /// From the rows on the margin; where there are none, the middle of what is possible.
    [[nodiscard]] double offset() const {
        double sum = 0;
        std::size_t n_free = 0;
        double highest = -infinite;
        double lowest = infinite;
        for (std::size_t i = 0; i < n_; ++i) {
            if (alpha_[i] > 0 && alpha_[i] < most_[i]) {
                sum += value_[i];
                ++n_free;
            }
            highest = std::max(highest, value_[i] + rise_[i]);
            lowest = std::min(lowest, value_[i] + fall_[i]);
        }
        return n_free > 0 ? sum / static_cast<double>(n_free) : (highest + lowest) / 2;
    }

    Separator const& of_;
    std::size_t n_;
    std::vector<double> most_;  ///< that a may be
    std::vector<double> alpha_;
    std::vector<double> value_;  ///< -y times the gradient
    std::vector<double> rise_;   ///< 0 where y a may rise, else -infinite
    std::vector<double> fall_;   ///< 0 where y a may fall, else infinite
    std::vector<double> risen_;  ///< value, where it may rise
    std::vector<double> below_;  ///< distance from the highest of them, where it may fall
    std::vector<double> gain_;   ///< by moving there
};

double Plane::side(std::span<double const> x) const {
    return std::inner_product(x.begin(), x.end(), weights.begin(), offset);
}

Separator::Separator(Rows const& rows, std::span<int const> labels, double cost)
    : rows_(rows), labels_(labels), cost_(cost) {
    std::size_t const n = rows.size();
    products_.resize(n * n);
    gains_.resize(n * n);
    std::vector<double> columns(n * rows.n_columns);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < rows.n_columns; ++k) columns[k * n + i] = rows[i][k];
    for (std::size_t i = 0; i < n; ++i) {
        double* const products = products_.data() + i * n;
        for (std::size_t k = 0; k < rows.n_columns; ++k) {
            double const factor = rows[i][k];
            double const* const column = columns.data() + k * n;
            for (std::size_t j = 0; j < n; ++j) products[j] += factor * column[j];
        }
    }
    std::vector<double> squares(n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = products_[i * n + i];
    for (std::size_t i = 0; i < n; ++i) {
        double const* const products = products_.data() + i * n;
        double* const gains = gains_.data() + i * n;
        for (std::size_t j = 0; j < n; ++j) {
            double const distance = squares[i] + squares[j] - 2 * products[j];
            gains[j] = 1 / (distance > flat ? distance : flat);
        }
    }
}

Plane Separator::separate(std::span<std::uint32_t const> times, double tolerance) const {
    std::array<bool, 2> has{};
    for (std::size_t i = 0; i < labels_.size(); ++i)
        if (times[i] > 0) has[labels_[i] > 0 ? 1 : 0] = true;
    if (!has[0] || !has[1]) return {std::vector<double>(rows_.n_columns), has[1] ? 1.0 : has[0] ? -1.0 : 0.0};
    Dual dual(*this, times);
    dual.solve(tolerance);
    return dual.plane();
}

double Separator::cross_validated_accuracy(std::size_t n_folds) const {
    auto const fold_of = stratified_folds(labels_, n_folds);
    std::vector<std::uint32_t> times(rows_.size());
    double sum = 0;
    for (std::size_t fold = 0; fold < n_folds; ++fold) {
        for (std::size_t i = 0; i < times.size(); ++i) times[i] = fold_of[i] == fold ? 0 : 1;
        Plane const plane = separate(times, rough);
        std::size_t right = 0;
        std::size_t total = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (fold_of[i] != fold) continue;
            ++total;
            right += (plane.side(rows_[i]) > 0) == (labels_[i] > 0) ? 1 : 0;
        }
        sum += total == 0 ? 0 : static_cast<double>(right) / static_cast<double>(total);
    }
    return sum / static_cast<double>(n_folds);
}

}  // namespace vaster::strategies
