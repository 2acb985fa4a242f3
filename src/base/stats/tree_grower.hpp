#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::stats {

/// Codes of a column are below this, so that a set of them fits into the bits of a word.
inline constexpr std::size_t most_codes = 32;

/// Rows as trees see them: in each column, every row has one of a few codes.
struct CodedRows {
    std::size_t n_rows = 0;
    std::size_t n_columns = 0;
    std::span<std::uint8_t const> codes;  ///< [n_columns][n_rows], below most_codes

    [[nodiscard]] std::span<std::uint8_t const> column(std::size_t k) const {
        return codes.subspan(k * n_rows, n_rows);
    }
};

/// A way to divide the rows of a node in two.
struct TreeSplit {
    std::uint32_t column = 0;
    std::uint32_t goes_right = 0;  ///< bit c is set when code c goes right; 0: no split
    double gain = -std::numeric_limits<double>::infinity();

    [[nodiscard]] bool sends_right(std::uint8_t code) const noexcept {
        return (goes_right >> code & 1U) != 0;
    }
};

/// Every column is tried at every node, in order.
class AllColumns {
  public:
    explicit AllColumns(std::size_t n_columns) : n_columns_(n_columns) {}

    /// @param try_column  (column): do its codes differ at the node?
    template <class TryColumn>
    void operator()(TryColumn try_column) const {
        for (std::size_t k = 0; k < n_columns_; ++k) (void)try_column(k);
    }

  private:
    std::size_t n_columns_;
};

/// `n_tried` columns are drawn without replacement at every node; the search goes on until one was met whose
/// codes differ.
class DrawnColumns {
  public:
    DrawnColumns(std::size_t n_columns, std::size_t n_tried, Random random)
        : n_tried_(n_tried), random_(random) {
        for (std::size_t k = 0; k < n_columns; ++k) columns_.push_back(k);
    }

    /// @param try_column  (column): do its codes differ at the node?
    template <class TryColumn>
    void operator()(TryColumn try_column) {
        bool has_met_two_codes = false;
        for (std::size_t tried = 0; tried < columns_.size(); ++tried) {
            if (tried >= n_tried_ && has_met_two_codes) break;
            std::swap(columns_[tried], columns_[tried + random_.below(columns_.size() - tried)]);
            if (try_column(columns_[tried])) has_met_two_codes = true;
        }
    }

  private:
    std::size_t n_tried_;
    Random random_;
    std::vector<std::size_t> columns_;  ///< in the order in which they were last drawn
};

/// Grows trees by CART: a node's rows are divided in two by the column and codes that gain most, until
/// nothing gains, the impurity says that nothing can, or the tree is `max_depth` splits deep. Breiman,
/// Friedman, Olshen and Stone (1984), Classification and Regression Trees.
///
/// What a gain is and when rows may be divided is the impurity's (tree_impurities.hpp):
///     void begin_node(std::span<std::uint32_t const> rows);   what follows is about these rows
///     bool can_divide(std::size_t n_rows) const;
///     bool improve(std::span<std::uint32_t const> rows, std::span<std::uint8_t const> codes,
///                  std::size_t column, TreeSplit& best);      takes the column's best way if it gains more
///                                                              than `best`; do the rows' codes differ?
template <class Impurity>
class TreeGrower {
  public:
    /// @param max_depth  splits from the root to a leaf, at most
    TreeGrower(CodedRows rows, Impurity& impurity, std::size_t max_depth)
        : data_(rows), impurity_(impurity), max_depth_(max_depth) {
        VASTER_EXPECTS(rows.codes.size() == rows.n_rows * rows.n_columns);
    }

    /// Grows one tree, depth first, left before right. Node 0 is the root; the children of a split are two
    /// new nodes that follow each other.
    /// @param sample      the rows to grow it on
    /// @param columns     AllColumns or DrawnColumns
    /// @param make_split  (node, left child, split): the right child follows the left one
    /// @param make_leaf   (node): of the rows that the impurity was last told of
    template <class Columns, class MakeSplit, class MakeLeaf>
    void grow(std::span<std::uint32_t const> sample, Columns& columns, MakeSplit make_split,
              MakeLeaf make_leaf) {
        rows_.assign(sample.begin(), sample.end());
        right_.resize(rows_.size());
        std::size_t n_nodes = 1;
        open_.assign(1, {0, 0, rows_.size(), 0});
        while (!open_.empty()) {
            Part const part = open_.back();
            open_.pop_back();
            TreeSplit const split = best_split(part, columns);
            if (split.goes_right == 0) {
                make_leaf(part.node);
                continue;
            }
            std::size_t const cut = divide(part, split);
            make_split(part.node, n_nodes, split);
            open_.push_back({n_nodes + 1, cut, part.end, part.depth + 1});
            open_.push_back({n_nodes, part.begin, cut, part.depth + 1});
            n_nodes += 2;
        }
    }

  private:
    /// Rows of a node: rows_[begin, end).
    struct Part {
        std::size_t node;
        std::size_t begin;
        std::size_t end;
        std::size_t depth;
    };

    template <class Columns>
    [[nodiscard]] TreeSplit best_split(Part const& part, Columns& columns) {
        auto const rows = std::span<std::uint32_t const>(rows_).subspan(part.begin, part.end - part.begin);
        impurity_.begin_node(rows);
        TreeSplit best;
        if (part.depth < max_depth_ && impurity_.can_divide(rows.size()))
            columns([&](std::size_t column) {
                return impurity_.improve(rows, data_.column(column), column, best);
            });
        return best;
    }

    /// Brings the rows that go left before the others; both keep their order. @return where the others begin
    [[nodiscard]] std::size_t divide(Part const& part, TreeSplit const& split) {
        std::uint8_t const* const codes = data_.column(split.column).data();
        std::size_t end_left = part.begin;
        std::size_t n_right = 0;
        for (std::size_t r = part.begin; r < part.end; ++r) {
            std::uint32_t const row = rows_[r];
            bool const goes_right = split.sends_right(codes[row]);
            rows_[end_left] = row;
            right_[n_right] = row;
            end_left += goes_right ? 0 : 1;
            n_right += goes_right ? 1 : 0;
        }
        std::copy_n(right_.begin(), n_right, rows_.begin() + static_cast<std::ptrdiff_t>(end_left));
        return end_left;
    }

    CodedRows data_;
    Impurity& impurity_;
    std::size_t max_depth_;
    std::vector<Part> open_;            ///< nodes that are still to be looked at
    std::vector<std::uint32_t> rows_;   ///< of the sample; those of a node lie together
    std::vector<std::uint32_t> right_;  ///< room for those that go right
};

}  // namespace vaster::stats
