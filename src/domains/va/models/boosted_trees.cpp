#include "domains/va/models/boosted_trees.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "domains/va/models/part_checks.hpp"

namespace vaster::models {
namespace {

/// As XGBoost does it.
void softmax(std::span<float> values) {
    float const largest = *std::max_element(values.begin(), values.end());
    double sum = 0;
    for (float& value : values) {
        value = std::exp(value - largest);
        sum += static_cast<double>(value);
    }
    for (float& value : values) value /= static_cast<float>(sum);
}

}  // namespace

void BoostedTrees::save(Parts& parts) const {
    trees.save(parts);
    parts.put("trees/class", tree_class);
    parts.put("leaves/value", leaf_value);
    parts.put_number("base_score", base_score);
}

BoostedTrees BoostedTrees::load(Parts const& parts, std::size_t n_symptoms, std::size_t n_classes) {
    constexpr Range of_leaves{-1e20, 1e20};  // many of them can be added up in single precision
    BoostedTrees boosted;
    boosted.trees = AnswerTrees::load(parts, n_symptoms);
    auto const classes = parts.get<std::uint16_t>("trees/class", {boosted.trees.size()});
    check_range("trees/class", classes, {0, static_cast<double>(n_classes) - 1});
    auto const values = parts.get<float>("leaves/value", {boosted.trees.n_leaves()});
    check_range("leaves/value", values, of_leaves);
    auto const base_score = parts.get<float>("base_score", {1});
    check_range("base_score", base_score, of_leaves);
    boosted.tree_class.assign(classes.begin(), classes.end());
    boosted.leaf_value.assign(values.begin(), values.end());
    boosted.base_score = base_score.front();
    return boosted;
}

BoostedPredictor::BoostedPredictor(BoostedTrees trees) : trees_(std::move(trees)) {
    std::size_t first_leaf = 0;
    std::size_t n_small = 0;
    ways_.reserve(trees_.trees.size());
    for (std::size_t t = 0; t < trees_.trees.size(); ++t) {
        auto const nodes = trees_.trees.nodes(t);
        std::size_t const n_leaves = SmallTrees::n_leaves(nodes);
        ways_.push_back({first_leaf, std::nullopt});
        if (n_leaves <= SmallTrees::most_leaves) {
            small_.append(nodes);
            ways_.back().small = n_small++;
        }
        first_leaf += n_leaves;
    }
}

void BoostedPredictor::add_tree(std::size_t tree, DeathBatch const& batch, std::span<float> margins) const {
    Way const& way = ways_[tree];
    if (way.small) {
        std::array<std::uint8_t, DeathBatch::most> leaves;
        small_.find_leaves(*way.small, batch, leaves);
        float const* const values = trees_.leaf_value.data() + way.first_leaf;
        for (std::size_t i = 0; i < leaves.size(); ++i) margins[i] += values[leaves[i]];
        return;
    }
    AnswerTrees::Walk stack;
    trees_.trees.walk(tree, batch, stack, [&](std::uint32_t leaf, DeathSet deaths) {
        float const value = trees_.leaf_value[leaf];
        for_each_death(deaths, [&](std::size_t i) { margins[i] += value; });
    });
}

std::vector<float> BoostedPredictor::class_probabilities(DeathBatch const& batch,
                                                         std::size_t n_classes) const {
    constexpr std::size_t width = DeathBatch::most;
    std::vector<float> margins(n_classes * width, trees_.base_score);  // [n_classes][64]
    for (std::size_t t = 0; t < ways_.size(); ++t)
        add_tree(t, batch, std::span(margins).subspan(trees_.tree_class[t] * width, width));
    std::vector<float> probabilities(batch.size() * n_classes);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        std::span<float> const of_death(probabilities.data() + i * n_classes, n_classes);
        for (std::size_t k = 0; k < n_classes; ++k) of_death[k] = margins[k * width + i];
        softmax(of_death);
    }
    return probabilities;
}

}  // namespace vaster::models
