#include "domains/trading/strategies/regression_forest.hpp"

#include <algorithm>
#include <bit>

#include "base/stats/tree_grower.hpp"
#include "base/stats/tree_impurities.hpp"

namespace vaster::strategies {
namespace {

/// The columns of rows as codes: each column's values put into groups of neighbours.
class Groups {
  public:
    explicit Groups(Rows const& rows) : codes_(rows.size() * rows.n_columns), borders_(rows.n_columns) {
        for (std::size_t k = 0; k < rows.n_columns; ++k) group(rows, k);
    }

    /// [n_columns][n_rows]
    [[nodiscard]] std::span<std::uint8_t const> codes() const { return codes_; }

    /// The value up to which a column's group reaches. @param group  not the last
    [[nodiscard]] double end_of(std::size_t column, std::size_t group) const {
        return borders_[column][group];
    }

  private:
    void group(Rows const& rows, std::size_t k) {
        std::size_t const n = rows.size();
        std::vector<double> sorted;
        for (std::size_t i = 0; i < n; ++i) sorted.push_back(rows[i][k]);
        std::sort(sorted.begin(), sorted.end());
        sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        std::size_t const n_groups = std::min(stats::most_codes, sorted.size());
        auto& borders = borders_[k];
        for (std::size_t g = 0; g + 1 < n_groups; ++g) {
            std::size_t const last = (g + 1) * sorted.size() / n_groups - 1;
            borders.push_back((sorted[last] + sorted[last + 1]) / 2);
        }
        for (std::size_t i = 0; i < n; ++i)
            codes_[k * n + i] = static_cast<std::uint8_t>(
                std::lower_bound(borders.begin(), borders.end(), rows[i][k]) - borders.begin());
    }

    std::vector<std::uint8_t> codes_;
    std::vector<std::vector<double>> borders_;  ///< by column; largest value of every group but the last
};

}  // namespace

/// Grows trees on the same rows.
class RegressionGrower {
  public:
    RegressionGrower(Rows const& rows, std::span<double const> answers, std::size_t max_depth)
        : max_depth_(max_depth),
          groups_(rows),
          error_(answers),
          columns_(rows.n_columns),
          grower_({rows.size(), rows.n_columns, groups_.codes()}, error_, max_depth) {}

    RegressionGrower(RegressionGrower const&) = delete;  // the grower refers to what lies beside it
    RegressionGrower& operator=(RegressionGrower const&) = delete;

    /// @param times  how often every row is in the sample
    ForestAndTree::Tree grow(std::span<std::uint32_t const> times) {
        sample_.clear();
        for (std::uint32_t i = 0; i < times.size(); ++i)
            if (times[i] > 0) sample_.push_back(i);
        error_.begin_sample(times);
        ForestAndTree::Tree tree(1);
        tree.reserve(std::size_t{2} << max_depth_);
        auto const make_split = [&](std::size_t node, std::size_t child, stats::TreeSplit const& split) {
            auto const last_left = static_cast<std::size_t>(std::countr_zero(split.goes_right)) - 1;
            tree[node] = {static_cast<std::uint32_t>(child), split.column,
                          groups_.end_of(split.column, last_left)};
            tree.resize(child + 2);
        };
        auto const make_leaf = [&](std::size_t node) { tree[node].value = error_.mean(); };
        grower_.grow(sample_, columns_, make_split, make_leaf);
        return tree;
    }

  private:
    std::size_t max_depth_;
    Groups groups_;
    stats::SquaredError error_;
    stats::AllColumns columns_;
    stats::TreeGrower<stats::SquaredError> grower_;
    std::vector<std::uint32_t> sample_;
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
