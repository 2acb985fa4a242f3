#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "domains/stream/tasks/block_mean.hpp"
#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// The last values of a key, in the order of arrival. No memory is taken before the first.
class RollingValues {
  public:
    void push(double value, std::size_t longest) {
        if (values_.size() < longest) {
            if (values_.empty()) values_.reserve(longest);
            values_.push_back(value);
            return;
        }
        values_[oldest_] = value;
        oldest_ = oldest_ + 1 == longest ? 0 : oldest_ + 1;
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

    /// Of the i-th oldest.
    [[nodiscard]] double operator[](std::size_t i) const {
        std::size_t const at = oldest_ + i;
        return values_[at < values_.size() ? at : at - values_.size()];
    }

    /// Of all, summed from the oldest. Finite, as they are.
    [[nodiscard]] double mean() const {
        double sum = 0;
        for (std::size_t i = 0; i < size(); ++i) sum += (*this)[i];
        if (std::isfinite(sum)) return sum / static_cast<double>(size());
        sum = 0;
        for (std::size_t i = 0; i < size(); ++i) sum += (*this)[i] * sum_scale;
        return mean_of_scaled(sum, size());
    }

    void save(StateWriter& state) const {
        state.put(static_cast<std::uint64_t>(size()));
        for (std::size_t i = 0; i < size(); ++i) state.put((*this)[i]);
    }

    /// @throws DataError for a state with more values than the window has, or one that ends too early
    void load(StateReader& state, std::size_t longest) {
        auto const n = state.get<std::uint64_t>();
        require<DataError>(n <= longest, "a kept state has {} values, but the window has {}", n, longest);
        for (std::uint64_t i = 0; i < n; ++i) push(state.get<double>(), longest);
    }

  private:
    std::vector<double> values_;
    std::size_t oldest_ = 0;
};

}  // namespace vaster::stream
