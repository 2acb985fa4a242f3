#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::table {

/// What an interview says of a symptom.
enum class Answer : std::uint8_t { absent = 0, present = 1, missing = 2 };

/// Answers of n_rows deaths to n_columns symptoms, row by row, one byte each.
class AnswerMatrix {
  public:
    AnswerMatrix() = default;

    explicit AnswerMatrix(std::size_t n_columns) : n_columns_(n_columns) {}

    AnswerMatrix(std::size_t n_rows, std::size_t n_columns)
        : n_columns_(n_columns), answers_(n_rows * n_columns, Answer::missing) {}

    [[nodiscard]] std::size_t n_rows() const noexcept {
        return n_columns_ == 0 ? 0 : answers_.size() / n_columns_;
    }

    [[nodiscard]] std::size_t n_columns() const noexcept { return n_columns_; }

    [[nodiscard]] std::span<Answer const> row(std::size_t i) const {
        return {answers_.data() + i * n_columns_, n_columns_};
    }

    [[nodiscard]] std::span<Answer> row(std::size_t i) {
        return {answers_.data() + i * n_columns_, n_columns_};
    }

    /// Appends a row of n_columns answers.
    void append(std::span<Answer const> row) { answers_.insert(answers_.end(), row.begin(), row.end()); }

    void reserve_rows(std::size_t n_rows) { answers_.reserve(n_rows * n_columns_); }

    void shrink_to_fit() { answers_.shrink_to_fit(); }

  private:
    std::size_t n_columns_ = 0;
    std::vector<Answer> answers_;
};

}  // namespace vaster::table
