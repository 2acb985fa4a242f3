#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vaster/support/random.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Training answers symptom by symptom, as a tree reads them, with the class of every death.
struct TreeData {
    std::size_t n_deaths = 0;
    std::size_t n_symptoms = 0;
    std::size_t n_classes = 0;
    /// va::Answer as a number, [n_symptoms][n_deaths]; no missing ones by policy absent
    std::vector<std::uint8_t> answers;
    std::vector<std::uint32_t> class_of;  ///< [n_deaths]
    MissingPolicy policy = MissingPolicy::absent;
};

/// What a tree is grown by.
struct TreeOptions {
    std::size_t max_depth = 0;          ///< splits from the root to a leaf; 0: no limit
    std::size_t min_leaf = 1;           ///< deaths that both sides of a split must have at least
    std::size_t n_symptoms_tried = 1;   ///< drawn anew for every split
    std::vector<double> death_weights;  ///< above 0, [n_deaths]
};

/// A classification tree (CART) on answers. A node is split in two by the answer to the symptom that lowers
/// Gini's impurity most,
///     sum over both sides of  W_side (1 - sum_k (W_side,k / W_side)^2),   W weights of deaths,
/// among `n_symptoms_tried` symptoms drawn without replacement; symptoms with one answer at the node count
/// as tried, but the search goes on until one with two was met. A node is split until its deaths are of one
/// class, no symptom splits them, or the options forbid it; a split that lowers nothing is allowed, since the
/// next may.
///
/// Missing answers by policy: absent: they are absent; ordinal: a third value beyond present, so that a split
/// is {absent | present, missing} or {absent, present | missing}; nan: absent is split from present, and
/// missing goes to the side where it lowers the impurity more; at nodes where no training death has it
/// missing, to the side of greater weight.
///
/// Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees.
class ClassificationTree {
  public:
    /// A class and its share of a leaf's weight.
    struct Share {
        std::uint32_t class_index;
        float share;
    };

    /// @param multiplicity  how often every death is in the tree's sample, [n_deaths]; not all 0
    ClassificationTree(TreeData const& data, std::span<std::uint32_t const> multiplicity,
                       TreeOptions const& options, Random random);

    /// Shares of the classes in the leaf that the answers lead to, sum 1.
    [[nodiscard]] std::span<Share const> leaf(std::span<va::Answer const> answers) const;

    /// A split, or a leaf where `child` is 0, the root's place.
    struct Node {
        std::uint32_t child = 0;      ///< left; the right one follows it
        std::uint32_t symptom = 0;    ///< leaf: first of its shares
        std::uint16_t n_shares = 0;   ///< leaf only
        std::uint8_t goes_right = 0;  ///< split: bit a is set when answer a goes right
    };

    /// The root, then the nodes in pairs of children, each after its parent.
    [[nodiscard]] std::span<Node const> nodes() const noexcept { return nodes_; }

    /// What a leaf of nodes() says.
    [[nodiscard]] std::span<Share const> shares(Node const& leaf) const {
        return std::span(shares_).subspan(leaf.symptom, leaf.n_shares);
    }

  private:
    /// @param weight  of every class that there is at the node
    void make_leaf(Node& node, std::span<std::uint32_t const> classes, std::span<double const> weight);

    std::vector<Node> nodes_;
    std::vector<Share> shares_;
};

}  // namespace vaster::models
