#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domains/va/data/spellings.hpp"

namespace vaster::va {

/// What stands in the cells of a column, whatever it is for. Texts are compared without blanks at their ends.
/// Memory: 200 texts, and eight bytes a row where a column has more.
class ColumnProfile {
  public:
    explicit ColumnProfile(std::string name) : name_(std::move(name)) {}

    void look_at(std::string_view cell);

    /// To be called behind the last row, before any question.
    void finish();

    /// As given.
    [[nodiscard]] std::string const& name() const { return name_; }

    /// Cells with a text that is not a word for nothing (NothingWords).
    [[nodiscard]] std::uint64_t n_filled() const { return n_filled_; }

    [[nodiscard]] std::uint64_t n_rows() const { return n_rows_; }

    /// Different texts, words for nothing left out.
    [[nodiscard]] std::size_t n_texts() const { return n_texts_; }

    /// Of these, the ones that are there more than once.
    [[nodiscard]] std::size_t n_repeated() const { return n_repeated_; }

    /// The least number, and the mean of all; 0 where there are none.
    [[nodiscard]] double least() const { return least_; }

    [[nodiscard]] double mean() const { return n_numbers_ == 0 ? 0 : sum_ / static_cast<double>(n_numbers_); }

    /// Is every number a whole one?
    [[nodiscard]] bool is_whole() const { return is_whole_; }

    /// Has it texts, and are all of them numbers?
    [[nodiscard]] bool is_numbers() const { return n_filled_ > 0 && n_numbers_ == n_filled_; }

    /// Has it texts, and are most of them numbers?
    [[nodiscard]] bool is_mostly_numbers() const { return n_filled_ > 0 && 2 * n_numbers_ > n_filled_; }

    /// Have all rows a text of their own?
    [[nodiscard]] bool all_differ() const { return n_filled_ == n_rows_ && n_texts_ == n_rows_; }

    /// The texts with their counts in the order in which they came, words for nothing among them; empty where
    /// there are more than `most_texts`.
    [[nodiscard]] std::vector<CountedText> const& texts() const { return texts_; }

    /// The same without the words for nothing, the most frequent first.
    [[nodiscard]] std::vector<CountedText> by_count() const;

    static constexpr std::size_t most_texts = 200;

    /// What stands in the column, for people: `North 358, South 301`; `numbers from 15 to 97 (68 different)`.
    [[nodiscard]] std::string described() const;

  private:
    void take_new(std::string_view cell);
    void give_up_texts();
    void count(std::string_view text, std::uint64_t n_cells);

    std::string name_;
    std::uint64_t n_rows_ = 0;
    std::uint64_t n_filled_ = 0;
    std::uint64_t n_numbers_ = 0;
    std::size_t n_texts_ = 0;
    std::size_t n_repeated_ = 0;
    double least_ = 0;
    double greatest_ = 0;
    double sum_ = 0;  ///< of the numbers
    bool is_whole_ = true;
    std::string example_;
    bool has_all_texts_ = true;
    std::vector<CountedText> texts_;
    std::map<std::string, std::size_t, std::less<>> of_cell_;  // positions in texts_
    std::vector<std::uint64_t> hashes_;                        // of filled cells, once texts are given up
};

}  // namespace vaster::va
