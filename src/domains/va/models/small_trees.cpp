#include "domains/va/models/small_trees.hpp"

#include <bit>
#include <cstring>

#include "domains/va/models/spread_bits.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {

void SmallTrees::append(std::span<AnswerTrees::Node const> nodes) {
    VASTER_EXPECTS(n_leaves(nodes) <= most_leaves);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        auto const& node = nodes[i];
        auto const place = static_cast<std::uint16_t>(i);
        if (node.child == 0)
            leaf_nodes_.push_back(place);
        else
            splits_.push_back({place, static_cast<std::uint16_t>(node.child), node.symptom, node.goes_right});
    }
    first_split_.push_back(splits_.size());
    first_leaf_.push_back(leaf_nodes_.size());
}

SmallTrees::Bits SmallTrees::leaf_bits(std::size_t tree, std::span<DeathSet const> deaths_at) const {
    std::span<std::uint16_t const> const nodes(leaf_nodes_.data() + first_leaf_[tree],
                                               first_leaf_[tree + 1] - first_leaf_[tree]);
    auto const n_bits = static_cast<std::size_t>(std::bit_width(nodes.size() - 1));
    Bits bits{};
    for (std::size_t b = 0; b < n_bits; ++b)
        for (std::size_t leaf = 0; leaf < nodes.size(); ++leaf)
            bits[b] |= deaths_at[nodes[leaf]] & (DeathSet{0} - ((leaf >> b) & 1U));
    return bits;
}

void SmallTrees::find_leaves(std::size_t tree, DeathBatch const& batch,
                             std::span<std::uint8_t, DeathBatch::most> leaves) const {
    std::array<DeathSet, 2 * most_leaves> deaths_at;  // only what is written is read
    deaths_at[0] = batch.all();
    for (std::size_t i = first_split_[tree]; i < first_split_[tree + 1]; ++i) {
        Split const& split = splits_[i];
        DeathSet const here = deaths_at[split.node];
        DeathSet const right = here & batch.which(split.symptom, split.goes_right);
        deaths_at[split.child] = here ^ right;
        deaths_at[split.child + 1U] = right;
    }
    Bits const bits = leaf_bits(tree, deaths_at);
    for (std::size_t first = 0; first < DeathBatch::most; first += bytes_of_word) {
        std::uint64_t eight = 0;
        for (std::size_t b = 0; b < bits_of_leaf; ++b) eight |= spread_bits[bits[b] >> first & 0xffU] << b;
        std::memcpy(leaves.data() + first, &eight, sizeof eight);
    }
}

}  // namespace vaster::models
