#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "domains/va/models/death_batch.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::models {

/// Decision trees over answers, to be walked: a split asks for the answer to one symptom, and sends a death
/// left or right by it. What the leaves say is the business of the model; leaves are numbered through all
/// trees, in the order of their nodes.
class AnswerTrees {
  public:
    /// A split, or a leaf where `child` is 0, the root's place.
    struct Node {
        std::uint32_t child = 0;    ///< left one's place in its tree; the right one follows it
        std::uint32_t symptom = 0;  ///< asked for by a split
        AnswerSet goes_right = 0;   ///< of a split
    };

    /// Appends a tree. Its nodes come in pairs of children, the root alone first; each pair belongs to one
    /// split before it.
    void append(std::span<Node const> nodes);

    [[nodiscard]] std::size_t size() const noexcept { return roots_.size(); }

    [[nodiscard]] std::size_t n_leaves() const noexcept { return n_leaves_; }

    /// The nodes of a tree; of a leaf, `symptom` is its number.
    [[nodiscard]] std::vector<Node> nodes(std::size_t tree) const;

    /// Where deaths of a batch are in a tree.
    struct Place {
        std::uint32_t node;
        DeathSet deaths;
    };

    /// Calls visit(leaf, deaths) once for every leaf of a tree that some death of the batch comes to.
    /// @param stack  what is used for the walk, kept from one to the next
    template <class Visit>
    void walk(std::size_t tree, DeathBatch const& batch, std::vector<Place>& stack, Visit visit) const {
        stack.assign(1, {0, batch.all()});
        Packed const* const nodes = nodes_.data() + roots_[tree];
        while (!stack.empty()) {
            Place const place = stack.back();
            stack.pop_back();
            if (std::has_single_bit(place.deaths)) {
                visit(leaf_of(nodes, batch, place), place.deaths);
                continue;
            }
            Packed const& node = nodes[place.node];
            if (node.child == 0) {
                visit(node.what, place.deaths);
                continue;
            }
            DeathSet const right = place.deaths & goes_right(node, batch);
            DeathSet const left = place.deaths & ~right;
            if (right != 0) stack.push_back({node.child + 1, right});
            if (left != 0) stack.push_back({node.child, left});
        }
    }

    /// Writes the trees as parts: "trees/nodes" u32 [n_trees], nodes of each; and of all nodes, one tree
    /// after another, "trees/child" u32 (0: a leaf), "trees/symptom" u16 (of a leaf 0), "trees/goes_right" u8
    /// (bit a: answer a goes right; 0 absent, 1 present, 2 missing; of a leaf 0).
    /// @throws ModelError for a symptom beyond 16 bits
    void save(Parts& parts) const;

    /// @throws DataError unless they are trees: every pair of children belongs to one split, before it and in
    /// its tree, and every symptom is one of n_symptoms
    [[nodiscard]] static AnswerTrees load(Parts const& parts, std::size_t n_symptoms);

  private:
    static constexpr unsigned bits_of_answers = 3;
    static constexpr AnswerSet any_answer = 7;

    [[nodiscard]] std::size_t end_of(std::size_t tree) const {
        return tree + 1 < roots_.size() ? roots_[tree + 1] : nodes_.size();
    }

    /// Half as much to read as a Node.
    struct Packed {
        std::uint32_t child = 0;
        std::uint32_t what =
            0;  ///< leaf: its number; split: symptom and, in 3 bits, the answers that go right
    };

    static DeathSet goes_right(Packed const& split, DeathBatch const& batch) {
        return batch.which(split.what >> bits_of_answers, split.what & any_answer);
    }

    /// Where a single death goes on to.
    static std::uint32_t leaf_of(Packed const* nodes, DeathBatch const& batch, Place const& place) {
        auto const death = static_cast<unsigned>(std::countr_zero(place.deaths));
        Packed node = nodes[place.node];
        while (node.child != 0)
            node = nodes[node.child + static_cast<std::uint32_t>(goes_right(node, batch) >> death & 1U)];
        return node.what;
    }

    std::vector<std::size_t> roots_;  ///< first node of every tree
    std::vector<Packed> nodes_;
    std::size_t n_leaves_ = 0;
};

}  // namespace vaster::models
