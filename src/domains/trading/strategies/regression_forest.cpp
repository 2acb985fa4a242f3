#include "domains/trading/strategies/regression_forest.hpp"

#include <algorithm>
#include <array>
#include <bit>

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
          borders_(n_columns_),
          inverse_(n_ + 1),
          shares_(n_) {
        for (std::size_t w = 1; w <= n_; ++w) inverse_[w] = 1 / static_cast<double>(w);
        for (std::size_t k = 0; k < n_columns_; ++k) group(rows, k);
    }

    /// @param times  how often every row is in the sample
    ForestAndTree::Tree grow(std::span<std::uint32_t const> times) {
        ForestAndTree::Tree tree(1);
        tree.reserve(std::size_t{2} << max_depth_);
        rows_.clear();
        for (std::uint32_t i = 0; i < n_; ++i) {
            shares_[i] = {times[i], times[i] * answers_[i]};
            if (times[i] > 0) rows_.push_back(i);
        }
        right_.resize(rows_.size());
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
        std::uint32_t weight = 0;
        double sum = 0;

        void add(Cell const& other) {
            weight += other.weight;
            sum += other.sum;
        }
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
        bool const may_split = part.depth < max_depth_ && part.end - part.begin > 1;
        Cell total;
        for (std::size_t r = part.begin; r < part.end; ++r) total.add(shares_[rows_[r]]);
        Split split;
        if (may_split)
            for (std::size_t k = 0; k < n_columns_; ++k) consider(part, total, k, split);
        if (split.gain <= 0) {
            tree[part.node].value = total.sum * inverse_[total.weight];
            return;
        }
        std::size_t const cut = partition(part, split);
        std::size_t const child = tree.size();
        tree[part.node] = {static_cast<std::uint32_t>(child), static_cast<std::uint32_t>(split.column),
                           borders_[split.column][split.last_left]};
        tree.resize(child + 2);
        open.push_back({child + 1, cut, part.end, part.depth + 1});
        open.push_back({child, part.begin, cut, part.depth + 1});
    }

    /// Brings the rows that go left before the others; both keep their order. @return where the others begin
    [[nodiscard]] std::size_t partition(Part const& part, Split const& split) {
        std::size_t n_left = 0;
        std::size_t n_right = 0;
        for (std::size_t r = part.begin; r < part.end; ++r) {
            std::uint32_t const row = rows_[r];
            bool const goes_left = group_[split.column * n_ + row] <= split.last_left;
            rows_[part.begin + n_left] = row;
            right_[n_right] = row;
            n_left += goes_left ? 1 : 0;
            n_right += goes_left ? 0 : 1;
        }
        std::copy_n(right_.begin(), n_right,
                    rows_.begin() + static_cast<std::ptrdiff_t>(part.begin + n_left));
        return part.begin + n_left;
    }

    /// Takes the best split by a column if it beats what has been found: it lowers the squared error by
    /// S_l^2 / W_l + S_r^2 / W_r - S^2 / W.
    void consider(Part const& part, Cell const& total, std::size_t column, Split& best) const {
        std::uint8_t const* const groups = group_.data() + column * n_;
        std::array<Cell, most_groups> cells{};
        std::uint32_t there = 0;  // a bit for each group that has rows
        for (std::size_t r = part.begin; r < part.end; ++r) {
            std::uint8_t const group = groups[rows_[r]];
            cells[group].add(shares_[rows_[r]]);
            there |= std::uint32_t{1} << group;
        }
        double const before = total.sum * total.sum * inverse_[total.weight];
        Cell left;
        for (; there != 0; there &= there - 1) {
            auto const g = static_cast<std::size_t>(std::countr_zero(there));
            left.add(cells[g]);
            if (left.weight == total.weight) return;
            double const right = total.sum - left.sum;
            double const gain = left.sum * left.sum * inverse_[left.weight] +
                                right * right * inverse_[total.weight - left.weight] - before;
            if (gain > best.gain && gain > 1e-12 * before) best = {column, g, gain};
        }
    }

    std::size_t n_;
    std::size_t n_columns_;
    std::span<double const> answers_;
    std::size_t max_depth_;
    std::vector<std::uint8_t> group_;           ///< [n_columns][n_rows]
    std::vector<std::vector<double>> borders_;  ///< largest value of every group but the last
    std::vector<double> inverse_;               ///< of every weight that may occur; 0 of 0
    std::vector<Cell> shares_;                  ///< what every row adds in this sample
    std::vector<std::uint32_t> rows_;           ///< of the sample; those of a node lie together
    std::vector<std::uint32_t> right_;          ///< room for those that go right
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

std::vector<double> ForestAndTree::predict(Rows const& rows) const {
    auto const answer = [](Tree const& tree, std::span<double const> x) {
        Node const* node = tree.data();
        while (node->child != 0) node = &tree[node->child + (x[node->column] > node->value ? 1U : 0U)];
        return node->value;
    };
    std::vector<double> result(rows.size());
    for (Tree const& tree : forest_)
        for (std::size_t i = 0; i < result.size(); ++i) result[i] += answer(tree, rows[i]);
    for (std::size_t i = 0; i < result.size(); ++i) {
        double const forest = forest_.empty() ? 0 : result[i] / static_cast<double>(forest_.size());
        result[i] = (forest + answer(tree_, rows[i])) / 2;
    }
    return result;
}

}  // namespace vaster::strategies
