#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stats/tree_grower.hpp"
#include "vaster/support/contracts.hpp"

// What the gain of a split is, for TreeGrower.
namespace vaster::stats {

/// How a GiniImpurity may divide rows.
struct GiniOptions {
    std::span<std::uint32_t const> ways;  ///< sets of codes that may go right, as bits
    std::size_t min_leaf = 1;             ///< rows that each side must have at least, 1 or more
    /// A code which says nothing of the side: where no row of the node has it, it goes with the greater
    /// weight.
    std::optional<std::uint8_t> missing = std::nullopt;
};

/// Gini's impurity of classes. The gain of a split is
///     sum over both sides of  sum_k W_side,k^2 / W_side,   W weights of rows,
/// which is W less the impurity that is left: the larger, the purer. Every split gains, also one that leaves
/// the impurity as it was, since the next may lower it.
template <std::size_t n_codes>
class GiniImpurity {
  public:
    /// @param class_of  class of every row, below n_classes
    /// @param weight    of every row, above 0 for those of the sample
    GiniImpurity(std::size_t n_classes, std::span<std::uint32_t const> class_of,
                 std::span<double const> weight, GiniOptions const& options)
        : class_of_(class_of), weight_(weight), options_(options), total_(n_classes), cells_(n_classes) {
        VASTER_EXPECTS(class_of.size() == weight.size() && options.min_leaf >= 1);
    }

    void begin_node(std::span<std::uint32_t const> rows) {
        classes_.clear();
        std::fill(total_.begin(), total_.end(), 0.0);
        for (std::uint32_t const row : rows) {
            std::uint32_t const k = class_of_[row];
            if (total_[k] == 0) classes_.push_back(k);
            total_[k] += weight_[row];
        }
        std::sort(classes_.begin(), classes_.end());
    }

    [[nodiscard]] bool can_divide(std::size_t n_rows) const {
        return classes_.size() > 1 && n_rows >= 2 * options_.min_leaf;
    }

    [[nodiscard]] bool improve(std::span<std::uint32_t const> rows, std::span<std::uint8_t const> codes,
                               std::size_t column, TreeSplit& best) {
        if (!count(rows, codes.data())) return false;
        for (std::uint32_t const way : options_.ways) {
            std::size_t const n_right = n_rows_of(way);
            if (n_right < options_.min_leaf || rows.size() - n_right < options_.min_leaf) continue;
            double const gain = gain_of(way);
            if (gain > best.gain) best = {static_cast<std::uint32_t>(column), with_missing(way), gain};
        }
        return true;
    }

    /// Classes of the node, ascending, and the weight of every class.
    [[nodiscard]] std::vector<std::uint32_t> const& classes() const noexcept { return classes_; }

    [[nodiscard]] std::vector<double> const& total() const noexcept { return total_; }

  private:
    static constexpr bool has(std::uint32_t codes, std::size_t code) { return (codes >> code & 1U) != 0; }

    /// Sets cells_ and with_code_. @return whether the rows' codes differ
    [[nodiscard]] bool count(std::span<std::uint32_t const> rows, std::uint8_t const* codes) {
        with_code_ = {};
        for (std::uint32_t const row : rows) ++with_code_[codes[row]];
        if (*std::max_element(with_code_.begin(), with_code_.end()) == rows.size()) return false;
        for (std::uint32_t const k : classes_) cells_[k] = {};
        for (std::uint32_t const row : rows) cells_[class_of_[row]][codes[row]] += weight_[row];
        return true;
    }

    [[nodiscard]] std::size_t n_rows_of(std::uint32_t codes) const {
        std::size_t n = 0;
        for (std::size_t code = 0; code < n_codes; ++code)
            if (has(codes, code)) n += with_code_[code];
        return n;
    }

    [[nodiscard]] double gain_of(std::uint32_t goes_right) const {
        double left = 0;
        double right = 0;
        double squares_left = 0;
        double squares_right = 0;
        for (std::uint32_t const k : classes_) {
            double weight = 0;
            for (std::size_t code = 0; code < n_codes; ++code)
                if (has(goes_right, code)) weight += cells_[k][code];
            double const rest = total_[k] - weight;
            right += weight;
            left += rest;
            squares_right += weight * weight;
            squares_left += rest * rest;
        }
        return squares_left / left + squares_right / right;
    }

    /// A way with the missing code on its side.
    [[nodiscard]] std::uint32_t with_missing(std::uint32_t goes_right) const {
        if (!options_.missing || with_code_[*options_.missing] > 0) return goes_right;
        double left = 0;
        double right = 0;
        for (std::uint32_t const k : classes_)
            for (std::size_t code = 0; code < n_codes; ++code)
                (has(goes_right, code) ? right : left) += cells_[k][code];
        std::uint32_t const missing = std::uint32_t{1} << *options_.missing;
        return right > left ? goes_right | missing : goes_right & ~missing;
    }

    std::span<std::uint32_t const> class_of_;
    std::span<double const> weight_;
    GiniOptions options_;
    // Of the node, and of the column, in hand:
    std::vector<std::uint32_t> classes_;              ///< that occur, ascending
    std::vector<double> total_;                       ///< weight of every class
    std::vector<std::array<double, n_codes>> cells_;  ///< weight by class and code
    std::array<std::size_t, n_codes> with_code_{};    ///< rows
};

/// The squared error of numbers about their mean, for codes in order: the lower ones go left. A split gains
///     S_left^2 / W_left + S_right^2 / W_right - S^2 / W,   W how often rows are in the sample, S their sum,
/// by which it lowers the error; less than 1e-12 of S^2 / W is not a gain but rounding.
class SquaredError {
  public:
    explicit SquaredError(std::span<double const> answers)
        : answers_(answers), shares_(answers.size()), inverse_(answers.size() + 1) {
        for (std::size_t w = 1; w < inverse_.size(); ++w) inverse_[w] = 1 / static_cast<double>(w);
    }

    /// @param times  how often every row is in the sample; their sum is at most the number of rows
    void begin_sample(std::span<std::uint32_t const> times) {
        VASTER_EXPECTS(times.size() == shares_.size());
        for (std::size_t i = 0; i < times.size(); ++i) shares_[i] = {times[i], times[i] * answers_[i]};
    }

    void begin_node(std::span<std::uint32_t const> rows) {
        total_ = {};
        for (std::uint32_t const row : rows) total_.add(shares_[row]);
    }

    [[nodiscard]] bool can_divide(std::size_t n_rows) const { return n_rows > 1; }

    [[nodiscard]] bool improve(std::span<std::uint32_t const> rows, std::span<std::uint8_t const> codes,
                               std::size_t column, TreeSplit& best) const {
        std::array<Share, most_codes> cells{};
        std::uint32_t there = 0;  // a bit for each code that has rows
        for (std::uint32_t const row : rows) {
            std::uint8_t const code = codes[row];
            cells[code].add(shares_[row]);
            there |= std::uint32_t{1} << code;
        }
        double const before = total_.sum * total_.sum * inverse_[total_.weight];
        bool const differ = !std::has_single_bit(there);
        Share left;
        for (; there != 0; there &= there - 1) {
            auto const code = static_cast<std::uint32_t>(std::countr_zero(there));
            left.add(cells[code]);
            if (left.weight == total_.weight) break;
            double const right = total_.sum - left.sum;
            double const gain = left.sum * left.sum * inverse_[left.weight] +
                                right * right * inverse_[total_.weight - left.weight] - before;
            if (gain > best.gain && gain > 1e-12 * before)
                best = {static_cast<std::uint32_t>(column), ~std::uint32_t{1} << code, gain};
        }
        return differ;
    }

    /// Of the node's rows.
    [[nodiscard]] double mean() const { return total_.sum * inverse_[total_.weight]; }

  private:
    /// What a row, or several, are to the sample.
    struct Share {
        std::uint32_t weight = 0;
        double sum = 0;

        void add(Share const& other) {
            weight += other.weight;
            sum += other.sum;
        }
    };

    std::span<double const> answers_;
    std::vector<Share> shares_;    ///< of every row
    std::vector<double> inverse_;  ///< of every weight that may occur; 0 of 0
    Share total_;                  ///< of the node
};

}  // namespace vaster::stats
