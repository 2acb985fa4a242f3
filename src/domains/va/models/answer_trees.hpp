#pragma once

#include <array>
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
    struct BatchPlace {
        std::uint32_t node;
        DeathSet deaths;
    };

    /// Deaths that go through a tree each by itself, side by side.
    struct Walkers {
        void add(std::uint32_t node, std::size_t death) {
            nodes[n] = node;
            deaths[n++] = static_cast<std::uint8_t>(death);
        }

        std::array<std::uint32_t, DeathBatch::most> nodes;
        std::array<std::uint8_t, DeathBatch::most> deaths;
        std::size_t n = 0;
    };

    /// What a walk needs.
    struct Walk {
        std::vector<BatchPlace> stack;
        Walkers apart;
    };

    /// Calls visit(leaf, deaths) for leaves of a tree, with all deaths of the batch that come there, in one
    /// call or in several.
    /// @param scratch  what is used for the walk, kept from one to the next
    template <class Visit>
    void walk(std::size_t tree, DeathBatch const& batch, Walk& scratch, Visit visit) const {
        auto& stack = scratch.stack;
        auto& apart = scratch.apart;
        stack.assign(1, {0, batch.all()});
        Packed const* const nodes = nodes_.data() + roots_[tree];
        while (!stack.empty()) {
            BatchPlace const place = stack.back();
            stack.pop_back();
            if (std::popcount(place.deaths) <= few_deaths) {
                for_each_death(place.deaths, [&](std::size_t i) { apart.add(place.node, i); });
                continue;
            }
            Packed const& node = nodes[place.node];
            if (node.child == 0) {
                visit(node.what, place.deaths);
                continue;
            }
            DeathSet const right =
                place.deaths & batch.which(node.what >> bits_of_answers, node.what & any_answer);
            DeathSet const left = place.deaths & ~right;
            if (right != 0) stack.push_back({node.child + 1, right});
            if (left != 0) stack.push_back({node.child, left});
        }
        walk_apart(nodes, batch, apart, visit);
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

    /// Sets of so many deaths are taken apart: what a set saves is less than what it costs.
    static constexpr int few_deaths = 6;

    /// Each death takes one step in turn: the processor fetches the nodes of several at once, where one death
    /// alone would have it wait at every node for the next.
    template <class Visit>
    static void walk_apart(Packed const* nodes, DeathBatch const& batch, Walkers& walkers, Visit visit) {
        while (walkers.n > 0) {
            std::size_t n_left = 0;
            for (std::size_t i = 0; i < walkers.n; ++i) {
                Packed const node = nodes[walkers.nodes[i]];
                auto const death = walkers.deaths[i];
                if (node.child == 0) {
                    visit(node.what, DeathSet{1} << death);
                    continue;
                }
                auto const answer = batch.answer(death, node.what >> bits_of_answers);
                walkers.nodes[n_left] = node.child + (node.what >> answer & 1U);
                walkers.deaths[n_left++] = death;
            }
            walkers.n = n_left;
        }
    }

    std::vector<std::size_t> roots_;  ///< first node of every tree
    std::vector<Packed> nodes_;
    std::size_t n_leaves_ = 0;
};

}  // namespace vaster::models
