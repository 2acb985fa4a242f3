#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/va/models/answer_trees.hpp"

namespace vaster::models {

/// Trees of at most 256 leaves, such as boosting grows, for 64 deaths at a time without a branch that depends
/// on their answers: all splits of a tree are asked, from the root down, who of those that come goes where;
/// and the deaths' leaves are put together from the bits of the leaves' numbers, eight deaths to a word.
class SmallTrees {
  public:
    static constexpr std::size_t most_leaves = 256;

    /// @returns how many leaves a tree has
    static std::size_t n_leaves(std::span<AnswerTrees::Node const> nodes) { return nodes.size() / 2 + 1; }

    /// Appends a tree. @pre n_leaves(nodes) <= most_leaves
    void append(std::span<AnswerTrees::Node const> nodes);

    /// The leaf that each death of the batch comes to, counted in its tree in the order of the nodes; of
    /// places behind the last death any leaf.
    void find_leaves(std::size_t tree, DeathBatch const& batch,
                     std::span<std::uint8_t, DeathBatch::most> leaves) const;

  private:
    struct Split {
        std::uint16_t node;
        std::uint16_t child;  ///< left; the right one follows it
        std::uint32_t symptom;
        AnswerSet goes_right;
    };

    static constexpr std::size_t bits_of_leaf = 8;
    using Bits = std::array<DeathSet, bits_of_leaf>;

    /// Which deaths' leaves have bit b in their number, for every bit.
    [[nodiscard]] Bits leaf_bits(std::size_t tree, std::span<DeathSet const> deaths_at) const;

    /// Where each tree's splits and leaves begin, and at last where they end.
    std::vector<std::size_t> first_split_{0};
    std::vector<std::size_t> first_leaf_{0};
    std::vector<Split> splits_;
    std::vector<std::uint16_t> leaf_nodes_;
};

}  // namespace vaster::models
