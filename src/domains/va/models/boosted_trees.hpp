#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domains/va/models/answer_trees.hpp"
#include "domains/va/models/small_trees.hpp"

namespace vaster::models {

/// Trees that XGBoost has grown for a softmax over classes.
struct BoostedTrees {
    AnswerTrees trees;
    std::vector<std::uint16_t> tree_class;  ///< whose margin a tree adds to, [n_trees]
    std::vector<float> leaf_value;          ///< [n_leaves]
    float base_score = 0;

    /// Writes the trees as AnswerTrees::save, "trees/class" u16, "leaves/value" f32 [n_leaves], "base_score"
    /// f32.
    void save(Parts& parts) const;

    /// @throws DataError as AnswerTrees::load, for classes that there are not, and for values that are not
    /// numbers
    [[nodiscard]] static BoostedTrees load(Parts const& parts, std::size_t n_symptoms, std::size_t n_classes);
};

/// Predicts by such trees without XGBoost. The results are the library's to the bit:
///     margin_k(x) = base_score + sum over the trees of class k, in their order, of the leaf's value
///     P(k | x)    = exp(margin_k - max) / sum_k' exp(margin_k' - max)
/// where margins are summed in single precision from the base score on, each exponential is rounded to single
/// precision, and their sum is taken in double precision and rounded before the division.
class BoostedPredictor {
  public:
    BoostedPredictor() = default;
    explicit BoostedPredictor(BoostedTrees trees);

    [[nodiscard]] BoostedTrees const& trees() const noexcept { return trees_; }

    /// Class probabilities of up to 64 deaths, [n_deaths][n_classes].
    [[nodiscard]] std::vector<float> class_probabilities(DeathBatch const& batch,
                                                         std::size_t n_classes) const;

  private:
    /// How a tree is gone through.
    struct Way {
        std::size_t first_leaf;
        std::optional<std::size_t> small;  ///< place among the small trees; none: it is not small
    };

    /// Adds the values of the leaves that the deaths come to.
    /// @param margins  of the tree's class, [64]
    void add_tree(std::size_t tree, DeathBatch const& batch, std::span<float> margins) const;

    BoostedTrees trees_;
    SmallTrees small_;
    std::vector<Way> ways_;  ///< [n_trees]
};

}  // namespace vaster::models
