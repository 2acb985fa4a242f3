#include "domains/va/models/answer_trees.hpp"

#include <limits>

#include "domains/va/models/part_checks.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

constexpr int last_of_three_bits = 7;

/// The arrays of parts that belong to one tree.
struct KeptTree {
    std::size_t number;
    std::span<std::uint32_t const> child;
    std::span<std::uint16_t const> symptom;
    std::span<std::uint8_t const> goes_right;
};

/// @throws DataError unless every pair of children belongs to one split before it
void check_shape(KeptTree const& tree) {
    std::size_t const n = tree.child.size();
    require<DataError>(n % 2 == 1, "part 'trees/nodes': tree {} has {} nodes (a tree has an odd number)",
                       tree.number, n);
    std::vector<bool> is_taken(n / 2, false);
    for (std::size_t i = 0; i < n; ++i) {
        std::uint32_t const child = tree.child[i];
        if (child == 0) continue;
        require<DataError>(
            child > i && child < n && child % 2 == 1,
            "part 'trees/child': node {} of tree {}, which has {}, has child {} (must be odd and "
            "come after it)",
            i, tree.number, n, child);
        require<DataError>(!is_taken[child / 2], "part 'trees/child': node {} of tree {} is a child twice",
                           child, tree.number);
        is_taken[child / 2] = true;
    }
    for (std::size_t pair = 0; pair < is_taken.size(); ++pair)
        require<DataError>(is_taken[pair], "part 'trees/child': node {} of tree {} is nobody's child",
                           2 * pair + 1, tree.number);
}

void check_splits(KeptTree const& tree, std::size_t n_symptoms) {
    for (std::size_t i = 0; i < tree.child.size(); ++i) {
        bool const is_leaf = tree.child[i] == 0;
        require<DataError>(is_leaf || tree.symptom[i] < n_symptoms,
                           "part 'trees/symptom': node {} of tree {} asks for symptom {} (there are {})", i,
                           tree.number, tree.symptom[i], n_symptoms);
        require<DataError>(is_leaf || tree.goes_right[i] <= last_of_three_bits,
                           "part 'trees/goes_right': node {} of tree {} has {} (must be 0 to {})", i,
                           tree.number, tree.goes_right[i], last_of_three_bits);
    }
}

}  // namespace

void AnswerTrees::append(std::span<Node const> nodes) {
    VASTER_EXPECTS(nodes.size() % 2 == 1);
    roots_.push_back(nodes_.size());
    for (auto const& node : nodes) {
        if (node.child == 0)
            nodes_.push_back({0, static_cast<std::uint32_t>(n_leaves_++)});
        else
            nodes_.push_back({node.child, node.symptom << bits_of_answers | node.goes_right});
    }
}

std::vector<AnswerTrees::Node> AnswerTrees::nodes(std::size_t tree) const {
    std::vector<Node> nodes;
    nodes.reserve(end_of(tree) - roots_[tree]);
    for (std::size_t i = roots_[tree]; i < end_of(tree); ++i) {
        auto const [child, what] = nodes_[i];
        if (child == 0)
            nodes.push_back({0, what, 0});
        else
            nodes.push_back({child, what >> bits_of_answers, what & any_answer});
    }
    return nodes;
}

void AnswerTrees::save(Parts& parts) const {
    constexpr std::uint32_t last_symptom = std::numeric_limits<std::uint16_t>::max();
    std::vector<std::uint32_t> n_nodes;
    n_nodes.reserve(roots_.size());
    for (std::size_t t = 0; t < roots_.size(); ++t)
        n_nodes.push_back(static_cast<std::uint32_t>(end_of(t) - roots_[t]));
    std::vector<std::uint32_t> child(nodes_.size());
    std::vector<std::uint16_t> symptom(nodes_.size());
    std::vector<std::uint8_t> goes_right(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto const& node = nodes_[i];
        if (node.child == 0) continue;
        std::uint32_t const asked = node.what >> bits_of_answers;
        require<ModelError>(asked <= last_symptom,
                            "a tree asks for symptom {}; a model that can be kept has at most {} symptoms",
                            asked, last_symptom + 1);
        child[i] = node.child;
        symptom[i] = static_cast<std::uint16_t>(asked);
        goes_right[i] = static_cast<std::uint8_t>(node.what & any_answer);
    }
    parts.put("trees/nodes", n_nodes);
    parts.put("trees/child", child);
    parts.put("trees/symptom", symptom);
    parts.put("trees/goes_right", goes_right);
}

AnswerTrees AnswerTrees::load(Parts const& parts, std::size_t n_symptoms) {
    auto const n_nodes = parts.get<std::uint32_t>("trees/nodes");
    require<DataError>(!n_nodes.empty(), "part 'trees/nodes' is empty (there must be a tree)");
    std::uint64_t const n_all = sum_of(n_nodes);
    auto const child = parts.get<std::uint32_t>("trees/child", {n_all});
    auto const symptom = parts.get<std::uint16_t>("trees/symptom", {n_all});
    auto const goes_right = parts.get<std::uint8_t>("trees/goes_right", {n_all});
    require<DataError>(n_all <= std::numeric_limits<std::uint32_t>::max(),
                       "part 'trees/nodes': there are {} nodes in all, more than 32 bits can number", n_all);
    AnswerTrees trees;
    trees.roots_.reserve(n_nodes.size());
    trees.nodes_.reserve(n_all);
    std::vector<Node> nodes;
    std::size_t first = 0;
    for (std::size_t t = 0; t < n_nodes.size(); ++t) {
        std::size_t const n = n_nodes[t];
        KeptTree const tree{t, child.subspan(first, n), symptom.subspan(first, n),
                            goes_right.subspan(first, n)};
        check_shape(tree);
        check_splits(tree, n_symptoms);
        nodes.clear();
        for (std::size_t i = 0; i < n; ++i)
            nodes.push_back({tree.child[i], tree.symptom[i], tree.goes_right[i]});
        trees.append(nodes);
        first += n;
    }
    return trees;
}

}  // namespace vaster::models
