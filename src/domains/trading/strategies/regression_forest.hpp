#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/trading/strategies/support_vectors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::strategies {

/// Regression trees (CART): a node is split where the sum of squared errors falls most, between two of at
/// most 32 groups of each column's training values, until `max_depth` or until its answers are the same.
struct ForestOptions {
    std::size_t n_trees = 50;   ///< grown on bootstrap samples
    std::size_t max_depth = 5;  ///< splits from the root to a leaf
};

/// The mean of a random forest and one tree grown on all rows. Every split may use every column.
/// Breiman, Friedman, Olshen and Stone (1984); Breiman (2001), doi:10.1023/A:1010933404324.
class ForestAndTree {
  public:
    ForestAndTree(Rows const& rows, std::span<double const> answers, ForestOptions const& options,
                  Random random);

    /// The answer for each row.
    [[nodiscard]] std::vector<double> predict(Rows const& rows) const;

  private:
    friend class RegressionGrower;

    /// A split, or a leaf where `child` is 0.
    struct Node {
        std::uint32_t child = 0;  ///< left; the right one follows it
        std::uint32_t column = 0;
        double value = 0;  ///< split: the largest that goes left; leaf: the answer
    };

    using Tree = std::vector<Node>;
    std::vector<Tree> forest_;
    Tree tree_;
};

}  // namespace vaster::strategies
