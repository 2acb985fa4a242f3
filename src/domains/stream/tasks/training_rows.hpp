#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace vaster::stream {

/// Rows that a model is fitted to: attributes, and a target behind them.
class TrainingRows {
  public:
    explicit TrainingRows(std::size_t n_attributes) : n_attributes_(n_attributes) {}

    /// @param row  n_attributes() numbers and the target
    void add(std::span<double const> row) { values_.insert(values_.end(), row.begin(), row.end()); }

    void clear() { values_.clear(); }

    [[nodiscard]] std::size_t size() const { return values_.size() / (n_attributes_ + 1); }

    [[nodiscard]] std::size_t n_attributes() const noexcept { return n_attributes_; }

    [[nodiscard]] std::span<double const> attributes(std::size_t row) const {
        return std::span(values_).subspan(row * (n_attributes_ + 1), n_attributes_);
    }

    [[nodiscard]] double target(std::size_t row) const {
        return values_[row * (n_attributes_ + 1) + n_attributes_];
    }

    [[nodiscard]] std::vector<double> targets() const;

    /// Of all numbers, row by row: which rows a model was fitted to.
    [[nodiscard]] std::string hash() const;

  private:
    std::size_t n_attributes_;
    std::vector<double> values_;
};

}  // namespace vaster::stream
