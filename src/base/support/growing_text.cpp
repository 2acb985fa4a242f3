#include "base/support/growing_text.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace vaster {

GrowingText::GrowingText(GrowingText&& other) noexcept
    : begin_(std::move(other.begin_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

GrowingText& GrowingText::operator=(GrowingText&& other) noexcept {
    begin_ = std::move(other.begin_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
}

void GrowingText::grow(std::size_t n) {
    constexpr std::size_t least = 256;
    if (n > std::numeric_limits<std::size_t>::max() / 4 - capacity_) throw std::bad_alloc();
    auto const capacity = std::max({least, size_ + n, capacity_ + capacity_ / 2});
    auto* const grown = static_cast<char*>(std::realloc(begin_.get(), capacity));
    if (grown == nullptr) throw std::bad_alloc();
    (void)begin_.release();
    begin_.reset(grown);
    capacity_ = capacity;
}

}  // namespace vaster
