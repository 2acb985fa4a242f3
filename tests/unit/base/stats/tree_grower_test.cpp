#include "base/stats/tree_grower.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "base/stats/tree_impurities.hpp"

using namespace vaster;
using namespace vaster::stats;

namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// A grown tree, node by node.
struct Tree {
    struct Node {
        std::size_t child = 0;  ///< 0: a leaf
        TreeSplit split;
        double value = 0;
    };

    std::map<std::size_t, Node> nodes;

    [[nodiscard]] double answer(CodedRows const& data, std::size_t row) const {
        std::size_t at = 0;
        while (nodes.at(at).child != 0) {
            auto const& node = nodes.at(at);
            at = node.child + (node.split.sends_right(data.column(node.split.column)[row]) ? 1 : 0);
        }
        return nodes.at(at).value;
    }
};

template <class Impurity, class Columns, class Value>
Tree grown(CodedRows const& data, Impurity& impurity, std::size_t max_depth,
           std::vector<std::uint32_t> const& sample, Columns columns, Value value) {
    Tree tree;
    TreeGrower<Impurity> grower(data, impurity, max_depth);
    grower.grow(
        sample, columns,
        [&](std::size_t node, std::size_t child, TreeSplit const& split) {
            tree.nodes[node] = {child, split, 0};
        },
        [&](std::size_t node) { tree.nodes[node].value = value(); });
    return tree;
}

/// A tree of squared errors, each row of the sample once.
Tree regression(CodedRows const& data, std::vector<double> const& answers, std::size_t max_depth = no_limit) {
    SquaredError error(answers);
    std::vector<std::uint32_t> sample;
    for (std::uint32_t i = 0; i < data.n_rows; ++i) sample.push_back(i);
    error.begin_sample(std::vector<std::uint32_t>(data.n_rows, 1));
    return grown(data, error, max_depth, sample, AllColumns(data.n_columns), [&] { return error.mean(); });
}

/// A tree of Gini's impurity on three codes; its leaves say the class of the greatest weight.
Tree classification(CodedRows const& data, std::vector<std::uint32_t> const& class_of,
                    std::vector<double> const& weight, GiniOptions const& options,
                    std::size_t max_depth = no_limit) {
    GiniImpurity<3> gini(3, class_of, weight, options);
    std::vector<std::uint32_t> sample;
    for (std::uint32_t i = 0; i < data.n_rows; ++i)
        if (weight[i] > 0) sample.push_back(i);
    return grown(data, gini, max_depth, sample, AllColumns(data.n_columns), [&] {
        auto const& total = gini.total();
        return static_cast<double>(std::max_element(total.begin(), total.end()) - total.begin());
    });
}

constexpr std::uint32_t one_right = 1U << 1U;
constexpr std::uint32_t two_right = 1U << 2U;

}  // namespace

TEST_CASE("a regression tree splits where the squared error falls most", "[stats][trees]") {
    // Column 1 tells the answers apart at code 3; column 0 tells nothing.
    std::vector<std::uint8_t> const codes{0, 1, 0, 1, 0, 1,  //
                                          0, 2, 3, 4, 5, 31};
    std::vector<double> const answers{1, 1, 1, 7, 7, 7};
    CodedRows const data{6, 2, codes};
    Tree const tree = regression(data, answers);
    REQUIRE(tree.nodes.size() == 3);
    auto const& split = tree.nodes.at(0).split;
    CHECK(split.column == 1);
    for (std::uint8_t const code : std::vector<std::uint8_t>{0, 2, 3}) CHECK_FALSE(split.sends_right(code));
    for (std::uint8_t const code : std::vector<std::uint8_t>{4, 5, 31}) CHECK(split.sends_right(code));
    CHECK(split.gain == Approx(3 * 1 + 3 * 49 - 6 * 16));  // sum of squares about the mean before: 54
    CHECK(tree.nodes.at(1).value == 1);
    CHECK(tree.nodes.at(2).value == 7);
}

TEST_CASE("a tree without a limit fits every row that its codes tell apart", "[stats][trees]") {
    std::vector<std::uint8_t> codes;
    std::vector<double> answers;
    Random random(3);
    for (std::size_t i = 0; i < 30; ++i) codes.push_back(static_cast<std::uint8_t>(i));
    for (std::size_t i = 0; i < 30; ++i) answers.push_back(random.uniform());
    CodedRows const data{30, 1, codes};
    Tree const tree = regression(data, answers);
    for (std::size_t i = 0; i < 30; ++i) CHECK(tree.answer(data, i) == Approx(answers[i]).epsilon(1e-12));
    CHECK(regression(data, answers, 0).nodes.size() == 1);
    CHECK(regression(data, answers, 1).nodes.size() == 3);
    CHECK(regression(data, answers, 2).nodes.size() == 7);
}

TEST_CASE("equal answers, and rows that no code tells apart, are one leaf", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 1, 2};
    CHECK(regression({3, 1, codes}, {5, 5, 5}).nodes.size() == 1);
    std::vector<std::uint8_t> const same{4, 4, 4};
    Tree const tree = regression({3, 1, same}, {1, 2, 6});
    REQUIRE(tree.nodes.size() == 1);
    CHECK(tree.nodes.at(0).value == Approx(3));
}

TEST_CASE("a row that is in the sample twice counts twice", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 0, 1};
    std::vector<double> const answers{2, 8, 5};
    SquaredError error(answers);
    error.begin_sample(std::vector<std::uint32_t>{2, 1, 0});
    Tree const tree =
        grown(CodedRows{3, 1, codes}, error, no_limit, {0, 1}, AllColumns(1), [&] { return error.mean(); });
    CHECK(tree.nodes.at(0).value == Approx(4));
}

TEST_CASE("a classification tree takes the purest split and stops at one class", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 1, 0, 1, 0, 1,  //
                                          0, 0, 1, 1, 1, 1};
    std::vector<std::uint32_t> const class_of{0, 0, 2, 2, 2, 2};
    CodedRows const data{6, 2, codes};
    Tree const tree = classification(data, class_of, std::vector<double>(6, 1.0), {{&one_right, 1}});
    REQUIRE(tree.nodes.size() == 3);
    CHECK(tree.nodes.at(0).split.column == 1);
    CHECK(tree.nodes.at(0).split.gain == Approx(6));  // both sides pure: all of the weight
    CHECK(tree.nodes.at(1).value == 0);
    CHECK(tree.nodes.at(2).value == 2);
}

TEST_CASE("a classification tree also splits where nothing gets purer at once", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 0, 1, 1,  //
                                          0, 1, 0, 1};
    std::vector<std::uint32_t> const exclusive_or{0, 1, 1, 0};
    CodedRows const data{4, 2, codes};
    Tree const tree = classification(data, exclusive_or, std::vector<double>(4, 1.0), {{&one_right, 1}});
    for (std::size_t i = 0; i < 4; ++i) CHECK(tree.answer(data, i) == exclusive_or[i]);
}

TEST_CASE("both sides of a classification tree's split keep enough rows", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 0, 0, 0, 0, 1};
    std::vector<std::uint32_t> const class_of{0, 0, 0, 0, 0, 1};
    CodedRows const data{6, 1, codes};
    std::vector<double> const weight(6, 1.0);
    CHECK(classification(data, class_of, weight, {{&one_right, 1}, 1}).nodes.size() == 3);
    CHECK(classification(data, class_of, weight, {{&one_right, 1}, 2}).nodes.size() == 1);
}

TEST_CASE("a missing code that no row of a node has goes with the greater weight", "[stats][trees]") {
    std::vector<std::uint8_t> const codes{0, 1, 1, 2};
    std::vector<std::uint32_t> const class_of{0, 1, 1, 0};
    CodedRows const data{4, 1, codes};
    GiniOptions const options{{&one_right, 1}, 1, std::uint8_t{2}};
    auto const split = [&](std::vector<double> const& weight) {
        return classification(data, class_of, weight, options).nodes.at(0).split;
    };
    CHECK(split({1, 1, 1, 0}).sends_right(2));
    CHECK_FALSE(split({3, 1, 1, 0}).sends_right(2));
    CHECK_FALSE(split({1, 1, 1, 1}).sends_right(2));  // a row has it: as the way says
    GiniOptions const plain{{&two_right, 1}, 1, std::nullopt};
    CHECK(classification(data, class_of, {1, 1, 1, 0}, plain).nodes.size() == 1);  // nobody would go right
}

TEST_CASE("columns are drawn anew at every node, and on until one tells rows apart", "[stats][trees]") {
    std::set<std::size_t> first;
    DrawnColumns columns(10, 3, Random(1));
    for (int node = 0; node < 200; ++node) {
        std::set<std::size_t> tried;
        columns([&](std::size_t column) {
            if (tried.empty()) first.insert(column);
            CHECK(tried.insert(column).second);
            return true;
        });
        CHECK(tried.size() == 3);
    }
    CHECK(first.size() == 10);
    std::vector<std::size_t> tried;
    columns([&](std::size_t column) {
        tried.push_back(column);
        return tried.size() == 7;
    });
    CHECK(tried.size() == 7);
}
