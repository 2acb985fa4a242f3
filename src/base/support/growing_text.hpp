#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace vaster {

/// A text that becomes large. Unlike std::string it hands out room behind its end that nothing was written
/// to, and where it has outgrown its memory, the system moves pages instead of copying bytes into fresh ones
/// (as realloc() does).
class GrowingText {
  public:
    GrowingText() = default;
    GrowingText(GrowingText&& other) noexcept;
    GrowingText& operator=(GrowingText&& other) noexcept;
    GrowingText(GrowingText const&) = delete;
    GrowingText& operator=(GrowingText const&) = delete;
    ~GrowingText() = default;

    [[nodiscard]] std::string_view view() const noexcept { return {begin_.get(), size_}; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// At least so many bytes behind the end, for whoever writes them and says so by took(). Until the next
    /// call. @throws std::bad_alloc
    [[nodiscard]] char* room(std::size_t n) {
        if (capacity_ - size_ < n) grow(n);
        return begin_.get() + size_;
    }

    /// So many bytes of the room were written.
    void took(std::size_t n) noexcept { size_ += n; }

    /// @throws std::bad_alloc
    void append(std::string_view text) {
        if (text.empty()) return;
        std::memcpy(room(text.size()), text.data(), text.size());
        took(text.size());
    }

    /// @throws std::bad_alloc
    void append(char c) {
        *room(1) = c;
        took(1);
    }

    /// Forgets the text and keeps its memory.
    void clear() noexcept { size_ = 0; }

  private:
    struct Free {
        void operator()(char* memory) const noexcept { std::free(memory); }
    };

    void grow(std::size_t n);

    std::unique_ptr<char[], Free> begin_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace vaster
