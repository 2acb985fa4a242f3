#pragma once  // Stable but for AnswerCell and AnswerIterator.

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "vaster/support/contracts.hpp"
#include "vaster/support/shared_array.hpp"

namespace vaster::va {

/// What an interview says of a symptom.
enum class Answer : std::uint8_t { absent = 0, present = 1, missing = 2 };

inline constexpr std::size_t bits_of_word = 64;

/// One answer in a row of packed answers, to be read and written like an Answer.
class AnswerCell {
  public:
    AnswerCell(std::uint64_t& present, std::uint64_t& missing, std::size_t bit)
        : present_(present), missing_(missing), mask_(std::uint64_t{1} << bit) {}

    AnswerCell(AnswerCell const&) = default;
    ~AnswerCell() = default;

    AnswerCell const& operator=(Answer answer) const {
        present_ = answer == Answer::present ? present_ | mask_ : present_ & ~mask_;
        missing_ = answer == Answer::missing ? missing_ | mask_ : missing_ & ~mask_;
        return *this;
    }

    AnswerCell& operator=(AnswerCell const& other) {
        *this = static_cast<Answer>(other);
        return *this;
    }

    operator Answer() const {
        if ((missing_ & mask_) != 0) return Answer::missing;
        return (present_ & mask_) != 0 ? Answer::present : Answer::absent;
    }

  private:
    std::uint64_t& present_;
    std::uint64_t& missing_;
    std::uint64_t mask_;
};

/// Places in a row.
template <class Row>
class AnswerIterator {
  public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Answer;
    using difference_type = std::ptrdiff_t;
    using reference = typename Row::reference;
    using pointer = void;

    AnswerIterator() = default;

    AnswerIterator(Row row, std::ptrdiff_t at) : row_(row), at_(at) {}

    reference operator*() const { return row_[static_cast<std::size_t>(at_)]; }

    reference operator[](std::ptrdiff_t n) const { return *(*this + n); }

    AnswerIterator& operator+=(std::ptrdiff_t n) {
        at_ += n;
        return *this;
    }

    AnswerIterator& operator-=(std::ptrdiff_t n) { return *this += -n; }

    AnswerIterator& operator++() { return *this += 1; }

    AnswerIterator& operator--() { return *this -= 1; }

    AnswerIterator operator++(int) {
        auto const before = *this;
        ++*this;
        return before;
    }

    AnswerIterator operator--(int) {
        auto const before = *this;
        --*this;
        return before;
    }

    friend AnswerIterator operator+(AnswerIterator place, std::ptrdiff_t n) { return place += n; }

    friend AnswerIterator operator+(std::ptrdiff_t n, AnswerIterator place) { return place += n; }

    friend AnswerIterator operator-(AnswerIterator place, std::ptrdiff_t n) { return place -= n; }

    friend std::ptrdiff_t operator-(AnswerIterator const& a, AnswerIterator const& b) {
        return a.at_ - b.at_;
    }

    friend bool operator==(AnswerIterator const& a, AnswerIterator const& b) { return a.at_ == b.at_; }

    friend auto operator<=>(AnswerIterator const& a, AnswerIterator const& b) { return a.at_ <=> b.at_; }

  private:
    Row row_;
    std::ptrdiff_t at_ = 0;
};

/// The answers of one death: a view of a row of a matrix.
/// @tparam Word  std::uint64_t const: to be read; std::uint64_t: to be written, too
template <class Word>
class PackedRow {
  public:
    using reference = std::conditional_t<std::is_const_v<Word>, Answer, AnswerCell>;

    PackedRow() = default;

    /// @param words  present answers, then missing ones, a bit each
    PackedRow(std::span<Word> words, std::size_t n_columns)
        : words_(words.data()), n_words_(words.size() / 2), n_columns_(n_columns) {}

    [[nodiscard]] std::size_t size() const noexcept { return n_columns_; }

    [[nodiscard]] reference operator[](std::size_t column) const {
        std::size_t const word = column / bits_of_word;
        std::size_t const bit = column % bits_of_word;
        if constexpr (std::is_const_v<Word>)
            return static_cast<Answer>((words_[word] >> bit & 1U) | (words_[n_words_ + word] >> bit & 1U)
                                                                        << 1U);
        else
            return {words_[word], words_[n_words_ + word], bit};
    }

    /// Bit s % 64 of word s / 64 says that the answer to s is present; bits behind the last answer are 0.
    [[nodiscard]] std::span<Word> present() const noexcept { return {words_, n_words_}; }

    /// The same for missing answers.
    [[nodiscard]] std::span<Word> missing() const noexcept { return {words_ + n_words_, n_words_}; }

    void fill(Answer answer) const requires(!std::is_const_v<Word>) {
        for (std::size_t word = 0; word < n_words_; ++word) {
            std::size_t const unused =
                bits_of_word - std::min(bits_of_word, n_columns_ - word * bits_of_word);
            std::uint64_t const all = ~std::uint64_t{0} >> unused;
            words_[word] = answer == Answer::present ? all : 0;
            words_[n_words_ + word] = answer == Answer::missing ? all : 0;
        }
    }

    [[nodiscard]] AnswerIterator<PackedRow> begin() const { return {*this, 0}; }

    [[nodiscard]] AnswerIterator<PackedRow> end() const {
        return {*this, static_cast<std::ptrdiff_t>(n_columns_)};
    }

  private:
    Word* words_ = nullptr;
    std::size_t n_words_ = 0;  ///< of each of present and missing
    std::size_t n_columns_ = 0;
};

using AnswerRow = PackedRow<std::uint64_t const>;

/// Compares rows of the same length by the first answer in which they differ.
[[nodiscard]] inline std::strong_ordering compare(AnswerRow const& a, AnswerRow const& b) {
    for (std::size_t word = 0; word < a.present().size(); ++word) {
        std::uint64_t const differing =
            (a.present()[word] ^ b.present()[word]) | (a.missing()[word] ^ b.missing()[word]);
        if (differing == 0) continue;
        std::size_t const column =
            word * bits_of_word + static_cast<std::size_t>(std::countr_zero(differing));
        return a[column] <=> b[column];
    }
    return std::strong_ordering::equal;
}

/// Answers of n_rows deaths to n_columns symptoms, row by row, two bits each: a row is a string of bits that
/// say "present" and then one of bits that say "missing", each in whole words. A million deaths with 168
/// symptoms are 46 MiB. The words are the matrix's own, or lie in a block that is shared with other
/// processes; those can only be read.
class AnswerMatrix {
  public:
    AnswerMatrix() = default;

    explicit AnswerMatrix(std::size_t n_columns)
        : n_columns_(n_columns), row_words_(2 * ((n_columns + bits_of_word - 1) / bits_of_word)) {}

    /// All answers are missing.
    AnswerMatrix(std::size_t n_rows, std::size_t n_columns) : AnswerMatrix(n_columns) {
        words_.own().resize(n_rows * row_words_);
        for (std::size_t i = 0; i < n_rows; ++i) row(i).fill(Answer::missing);
    }

    /// @param words  words() of another matrix with as many columns
    AnswerMatrix(std::size_t n_columns, SharedArray<std::uint64_t> words) : AnswerMatrix(n_columns) {
        VASTER_EXPECTS(row_words_ == 0 ? words.empty() : words.size() % row_words_ == 0);
        words_ = std::move(words);
    }

    [[nodiscard]] std::size_t n_rows() const noexcept {
        return n_columns_ == 0 ? 0 : words_.size() / row_words_;
    }

    [[nodiscard]] std::size_t n_columns() const noexcept { return n_columns_; }

    /// All rows, one after another.
    [[nodiscard]] SharedArray<std::uint64_t> const& words() const noexcept { return words_; }

    [[nodiscard]] AnswerRow row(std::size_t i) const {
        return {{words_.data() + i * row_words_, row_words_}, n_columns_};
    }

    [[nodiscard]] PackedRow<std::uint64_t> row(std::size_t i) {
        return {{words_.own().data() + i * row_words_, row_words_}, n_columns_};
    }

    /// Appends a row of n_columns answers.
    void append(std::span<Answer const> answers) {
        auto& words = words_.own();
        std::size_t const begin = words.size();
        words.resize(begin + row_words_);
        std::uint64_t* const present = words.data() + begin;
        std::uint64_t* const missing = present + row_words_ / 2;
        for (std::size_t s = 0; s < answers.size(); ++s) {
            auto const bits = static_cast<std::uint64_t>(answers[s]);
            present[s / bits_of_word] |= (bits & 1U) << (s % bits_of_word);
            missing[s / bits_of_word] |= (bits >> 1U) << (s % bits_of_word);
        }
    }

    void reserve_rows(std::size_t n_rows) { words_.own().reserve(n_rows * row_words_); }

  private:
    std::size_t n_columns_ = 0;
    std::size_t row_words_ = 0;
    SharedArray<std::uint64_t> words_;
};

}  // namespace vaster::va
