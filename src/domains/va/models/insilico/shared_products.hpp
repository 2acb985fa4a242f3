#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domains/va/models/insilico/kernel.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::models::insilicova {

/// How the likelihoods of deaths are put together from products that they share.
struct SharedProducts {
    std::vector<kernel::Factor> factors;  ///< nodes 0, 1, ...: one answer each
    std::vector<kernel::Join> joins;      ///< the nodes behind them: products of two nodes before them
    std::size_t longest = 0;              ///< most answers that a node is the product of

    std::vector<std::uint32_t> first;  ///< where the nodes of a death begin, [n_deaths + 1]
    std::vector<std::uint32_t> nodes;  ///< whose product is its likelihood

    [[nodiscard]] std::size_t n_nodes() const noexcept { return factors.size() + joins.size(); }
};

/// Finds products that pay. The symptoms are divided into blocks, at first one symptom each. Two blocks
/// become one where that saves multiplications: each death that is not silent in either needs one less, each
/// different pair of their nodes costs one node more; the pair of blocks that saves most goes first. This is
/// elimination of common subexpressions, greedy as in Hartley (1996), doi:10.1109/82.539000, with blocks in
/// place of single pairs, so that the work stays in proportion to the number of deaths.
///
/// The outcome depends on the answers alone: no rounding, no order of a hash table. A node is the product of
/// no more than `most_factors` answers, which keeps it within the range of doubles. Memory: 4 bytes for each
/// (death, symptom) while it runs.
/// @param deaths  rows of `answers`, each different from all others
[[nodiscard]] SharedProducts share_products(va::AnswerMatrix const& answers,
                                            std::span<std::uint32_t const> deaths);

/// Odds of P(s|c) lie within e^-9.3 and e^9.3: so many stay within e^-200 and e^200.
inline constexpr std::size_t most_factors = 21;

}  // namespace vaster::models::insilicova
