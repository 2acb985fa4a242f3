#pragma once  // May change before 1.0.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "vaster/support/contracts.hpp"

namespace vaster {

/// Values to be read, that are either its own or lie in a block that is shared with others. Copies of the
/// latter share it, too.
template <class T>
class SharedArray {
  public:
    using value_type = T;

    SharedArray() = default;

    SharedArray(std::vector<T> values) : own_(std::move(values)) {}

    /// @param keeper  keeps the values where they are as long as it is there; not null
    SharedArray(std::span<T const> values, std::shared_ptr<void const> keeper)
        : lent_(values), keeper_(std::move(keeper)) {
        VASTER_EXPECTS(keeper_ != nullptr);
    }

    [[nodiscard]] T const* data() const noexcept { return keeper_ ? lent_.data() : own_.data(); }

    [[nodiscard]] std::size_t size() const noexcept { return keeper_ ? lent_.size() : own_.size(); }

    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    [[nodiscard]] T const& operator[](std::size_t i) const { return data()[i]; }

    [[nodiscard]] T const& front() const { return data()[0]; }

    [[nodiscard]] T const& back() const { return data()[size() - 1]; }

    [[nodiscard]] T const* begin() const noexcept { return data(); }

    [[nodiscard]] T const* end() const noexcept { return data() + size(); }

    /// To be changed; only of an array whose values are its own.
    [[nodiscard]] std::vector<T>& own() {
        VASTER_EXPECTS(keeper_ == nullptr);
        return own_;
    }

    friend bool operator==(SharedArray const& a, SharedArray const& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

  private:
    std::vector<T> own_;
    std::span<T const> lent_;
    std::shared_ptr<void const> keeper_;  ///< null: the values are its own
};

}  // namespace vaster
