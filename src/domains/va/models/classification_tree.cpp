#include "domains/va/models/classification_tree.hpp"

#include <array>
#include <limits>
#include <optional>

#include "base/stats/tree_grower.hpp"
#include "base/stats/tree_impurities.hpp"
#include "domains/va/models/death_batch.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

constexpr std::size_t n_answers = 3;

/// The ways to split by one symptom, as the answers that go right.
std::span<std::uint32_t const> ways(MissingPolicy policy) {
    constexpr auto present = bit_of(va::Answer::present);
    constexpr auto missing = bit_of(va::Answer::missing);
    static constexpr std::array<std::uint32_t, 1> absent{present};
    static constexpr std::array<std::uint32_t, 2> ordinal{present | missing, missing};
    static constexpr std::array<std::uint32_t, 2> nan{present, present | missing};
    switch (policy) {
        case MissingPolicy::absent:
            return absent;
        case MissingPolicy::ordinal:
            return ordinal;
        case MissingPolicy::nan:
            return nan;
    }
    return absent;
}

stats::GiniOptions gini_options(MissingPolicy policy, std::size_t min_leaf) {
    stats::GiniOptions options{ways(policy), min_leaf, std::nullopt};
    if (policy == MissingPolicy::nan) options.missing = static_cast<std::uint8_t>(va::Answer::missing);
    return options;
}

}  // namespace

ClassificationTree::ClassificationTree(TreeData const& data, std::span<std::uint32_t const> multiplicity,
                                       TreeOptions const& options, Random random) {
    VASTER_EXPECTS(multiplicity.size() == data.n_deaths && options.death_weights.size() == data.n_deaths);
    std::vector<std::uint32_t> sample;
    std::vector<double> weight(data.n_deaths);
    for (std::uint32_t i = 0; i < data.n_deaths; ++i) {
        if (multiplicity[i] == 0) continue;
        sample.push_back(i);
        weight[i] = multiplicity[i] * options.death_weights[i];
    }
    VASTER_EXPECTS(!sample.empty());
    using Gini = stats::GiniImpurity<n_answers>;
    Gini gini(data.n_classes, data.class_of, weight, gini_options(data.policy, options.min_leaf));
    auto const no_limit = std::numeric_limits<std::size_t>::max();
    stats::TreeGrower<Gini> grower({data.n_deaths, data.n_symptoms, data.answers}, gini,
                                   options.max_depth > 0 ? options.max_depth : no_limit);
    stats::DrawnColumns symptoms(data.n_symptoms, options.n_symptoms_tried, random);
    nodes_.emplace_back();
    grower.grow(
        sample, symptoms,
        [this](std::size_t node, std::size_t child, stats::TreeSplit const& split) {
            nodes_[node] = {static_cast<std::uint32_t>(child), split.column, 0,
                            static_cast<std::uint8_t>(split.goes_right)};
            nodes_.resize(child + 2);
        },
        [&](std::size_t node) { make_leaf(nodes_[node], gini.classes(), gini.total()); });
    nodes_.shrink_to_fit();
    shares_.shrink_to_fit();
}

void ClassificationTree::make_leaf(Node& node, std::span<std::uint32_t const> classes,
                                   std::span<double const> weight) {
    double total = 0;
    for (std::uint32_t const k : classes) total += weight[k];
    node.symptom = static_cast<std::uint32_t>(shares_.size());
    node.n_shares = static_cast<std::uint16_t>(classes.size());
    for (std::uint32_t const k : classes) shares_.push_back({k, static_cast<float>(weight[k] / total)});
}

std::span<ClassificationTree::Share const> ClassificationTree::leaf(
    std::span<va::Answer const> answers) const {
    Node const* node = &nodes_.front();
    while (node->child != 0)
        node = &nodes_[node->child + ((node->goes_right & bit_of(answers[node->symptom])) != 0 ? 1U : 0U)];
    return shares(*node);
}

}  // namespace vaster::models
