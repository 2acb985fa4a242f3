#include "domains/va/models/boosted_trees.hpp"

#include <algorithm>
#include <cmath>

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

std::vector<float> BoostedTrees::class_probabilities(DeathBatch const& batch, std::size_t n_classes) const {
    constexpr std::size_t width = DeathBatch::most;
    std::vector<float> margins(n_classes * width, base_score);  // [n_classes][64]
    std::vector<AnswerTrees::Place> stack;
    for (std::size_t t = 0; t < trees.size(); ++t) {
        float* const of_class = margins.data() + tree_class[t] * width;
        trees.walk(t, batch, stack, [&](std::uint32_t leaf, DeathSet deaths) {
            float const value = leaf_value[leaf];
            for_each_death(deaths, [&](std::size_t i) { of_class[i] += value; });
        });
    }
    std::vector<float> probabilities(batch.size() * n_classes);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        std::span<float> const of_death(probabilities.data() + i * n_classes, n_classes);
        for (std::size_t k = 0; k < n_classes; ++k) of_death[k] = margins[k * width + i];
        softmax(of_death);
    }
    return probabilities;
}

}  // namespace vaster::models
