#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/stream/tasks/training_rows.hpp"

namespace vaster::stream {

/// A classifier that asks one attribute after another: nodes[0] first, children always behind their parents.
struct ClassTree {
    struct Node {
        bool leaf = true;
        std::size_t attribute = 0;  ///< not of leaves; and so are the next three
        double threshold = 0;       ///< a value up to it goes to `low`
        std::size_t low = 0;
        std::size_t high = 0;
        std::size_t label = 0;      ///< the class of most rows here
        std::uint64_t n_rows = 0;   ///< of the training rows, that came here
        std::uint64_t n_wrong = 0;  ///< of them of other classes
    };

    std::vector<Node> nodes;

    /// The leaf of a row.
    [[nodiscard]] Node const& leaf_of(std::span<double const> attributes) const;

    [[nodiscard]] std::size_t n_leaves() const;

    /// Training rows that are not of the class of their leaf.
    [[nodiscard]] std::uint64_t n_wrong() const;
};

struct TreeOptions {
    bool prune = true;
    double confidence = 0.25;  ///< CF of the pessimistic error, in (0, 0.5]; smaller prunes more
};

/// C4.5 with binary splits of numbers, as Weka's J48 grows it. A split leaves at least max(2, min(25, 0.1 N /
/// classes)) rows on each side; its gain is less log2(candidates) / N, candidates lying where neighbours
/// differ by more than 1e-5; the best gain ratio wins among attributes with at least the mean gain - 1e-3.
/// The threshold is the largest training value up to the middle. Fewer than 4 rows, or rows of one class, are
/// a leaf, and so is a subtree that is no better on its rows than a leaf. Pruning: pessimistic errors, with
/// subtree raising.
/// Quinlan (1993), C4.5: Programs for Machine Learning; Quinlan (1996), doi:10.1613/jair.279.
/// @param labels  class of each row, below n_classes; the rows' targets are not looked at
[[nodiscard]] ClassTree grow_class_tree(TrainingRows const& rows, std::span<std::size_t const> labels,
                                        std::size_t n_classes, TreeOptions const& options = {});

/// What Quinlan's upper confidence limit of a binomial adds to the wrong ones of n rows: n U_CF(wrong, n) -
/// wrong, by the normal approximation with a correction for continuity from one wrong row on.
[[nodiscard]] double pessimistic_extra_errors(double n, double wrong, double confidence);

}  // namespace vaster::stream
