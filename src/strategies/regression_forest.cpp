#include "regression_forest.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace vaster::strategies {
namespace {

constexpr std::size_t most_groups = 32;

}  // namespace

/// Grows trees on the same rows.
class RegressionGrower {
  public:
    RegressionGrower(Rows const& rows, std::span<double const> answers, std::size_t max_depth)
        : n_(rows.size()),
          n_columns_(rows.n_columns),
          answers_(answers),
          max_depth_(max_depth),
          group_(n_ * n_columns_),
          borders_(n_columns_) {
        for (std::size_t k = 0; k < n_columns_; ++k) group(rows, k);
    }

    /// @param times  how often every row is in the sample
    ForestAndTree::Tree grow(std::span<std::uint32_t const> times) {
        ForestAndTree::Tree tree(1);
        tree.reserve(std::size_t{2} << max_depth_);
        rows_.clear();
        for (std::uint32_t i = 0; i < n_; ++i)
            if (times[i] > 0) rows_.push_back(i);
        times_ = times;
        std::vector<Part> open{{0, 0, rows_.size(), 0}};
        while (!open.empty()) {
            Part const part = open.back();
            open.pop_back();
            grow_node(tree, part, open);
        }
        return tree;
    }

  private:
    /// Rows of a node: rows_[begin, end).
    struct Part {
        std::size_t node;
        std::size_t begin;
        std::size_t end;
        std::size_t depth;
    };

    struct Cell {
        double weight = 0;
        double sum = 0;
    };

    struct Split {
        std::size_t column = 0;
        std::size_t last_left = 0;  ///< group
        double gain = 0;
    };

    /// Puts the values of a column into groups of neighbours.
    void group(Rows const& rows, std::size_t k) {
        std::vector<double> sorted;
        for (std::size_t i = 0; i < n_; ++i) sorted.push_back(rows[i][k]);
        std::sort(sorted.begin(), sorted.end());
        sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        std::size_t const n_groups = std::min(most_groups, sorted.size());
        auto& borders = borders_[k];
        for (std::size_t g = 0; g + 1 < n_groups; ++g) {
            std::size_t const last = (g + 1) * sorted.size() / n_groups - 1;
            borders.push_back((sorted[last] + sorted[last + 1]) / 2);
        }
        for (std::size_t i = 0; i < n_; ++i)
            group_[k * n_ + i] = static_cast<std::uint8_t>(
                std::lower_bound(borders.begin(), borders.end(), rows[i][k]) - borders.begin());
    }

    void grow_node(ForestAndTree::Tree& tree, Part const& part, std::vector<Part>& open) {
        Cell total;
        for (std::size_t r = part.begin; r < part.end; ++r) add(total, rows_[r]);
        Split split;
        if (part.depth < max_depth_ && part.end - part.begin > 1)
            for (std::size_t k = 0; k < n_columns_; ++k) consider(part, total, k, split);
        if (split.gain <= 0) {
            tree[part.node].value = total.weight > 0 ? total.sum / total.weight : 0;
            return;
        }
        auto const first = rows_.begin();
        auto const middle = std::stable_partition(
            first + static_cast<std::ptrdiff_t>(part.begin), first + static_cast<std::ptrdiff_t>(part.end),
            [&](std::uint32_t i) { return group_[split.column * n_ + i] <= split.last_left; });
        auto const cut = static_cast<std::size_t>(middle - first);
        std::size_t const child = tree.size();
        tree[part.node] = {static_cast<std::uint32_t>(child), static_cast<std::uint32_t>(split.column),
                           borders_[split.column][split.last_left]};
        tree.resize(child + 2);
        open.push_back({child + 1, cut, part.end, part.depth + 1});
        open.push_back({child, part.begin, cut, part.depth + 1});
    }

    void add(Cell& cell, std::uint32_t row) const {
        cell.weight += times_[row];
        cell.sum += times_[row] * answers_[row];
    }

    /// Takes the best split by a column if it beats what has been found: it lowers the squared error by
    /// S_l^2 / W_l + S_r^2 / W_r - S^2 / W.
    void consider(Part const& part, Cell const& total, std::size_t column, Split& best) const {
        std::size_t const n_groups = borders_[column].size() + 1;
        std::array<Cell, most_groups> cells{};
        for (std::size_t r = part.begin; r < part.end; ++r)
            add(cells[group_[column * n_ + rows_[r]]], rows_[r]);
        double const before = total.sum * total.sum / total.weight;
        Cell left;
        for (std::size_t g = 0; g + 1 < n_groups; ++g) {
            if (cells[g].weight == 0) continue;
            left.weight += cells[g].weight;
            left.sum += cells[g].sum;
            double const right_weight = total.weight - left.weight;
            if (right_weight <= 0) return;
            double const right_sum = total.sum - left.sum;
            double const gain =
                left.sum * left.sum / left.weight + right_sum * right_sum / right_weight - before;
            if (gain > best.gain && gain > 1e-12 * before) best = {column, g, gain};
        }
    }

    std::size_t n_;
    std::size_t n_columns_;
    std::span<double const> answers_;
    std::size_t max_depth_;
    std::vector<std::uint8_t> group_;           ///< [n_columns][n_rows]
    std::vector<std::vector<double>> borders_;  ///< largest value of every group but the last
    std::span<std::uint32_t const> times_;
    std::vector<std::uint32_t> rows_;  ///< of the sample; those of a node lie together
};

ForestAndTree::ForestAndTree(Rows const& rows, std::span<double const> answers, ForestOptions const& options,
                             Random random) {
    RegressionGrower grower(rows, answers, options.max_depth);
    std::vector<std::uint32_t> times(rows.size());
    for (std::size_t t = 0; t < options.n_trees; ++t) {
        std::fill(times.begin(), times.end(), 0U);
        for (std::size_t i = 0; i < rows.size(); ++i) ++times[random.below(rows.size())];
        forest_.push_back(grower.grow(times));
    }
    std::fill(times.begin(), times.end(), 1U);
    tree_ = grower.grow(times);
}

double ForestAndTree::predict(std::span<double const> x) const {
    auto const answer = [&](Tree const& tree) {
        Node const* node = tree.data();
        while (node->child != 0) node = &tree[node->child + (x[node->column] > node->value ? 1U : 0U)];
        return node->value;
    };
    double sum = 0;
    for (Tree const& tree : forest_) sum += answer(tree);
    double const forest = forest_.empty() ? 0 : sum / static_cast<double>(forest_.size());
    return (forest + answer(tree_)) / 2;
}

}  // namespace vaster::strategies
