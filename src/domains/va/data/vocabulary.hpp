#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::va {

/// The distinct texts of a column, numbered in the order in which they are first seen.
class Vocabulary {
  public:
    /// The number of `text`, a new one if it is new.
    std::uint32_t number_of(std::string_view text) {
        auto found = numbers_.find(text);
        if (found == numbers_.end()) {
            found = numbers_.emplace(text, static_cast<std::uint32_t>(numbers_.size())).first;
        }
        return found->second;
    }

    [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

    /// The texts in byte order.
    [[nodiscard]] std::vector<std::string> sorted() const {
        std::vector<std::string> texts;
        texts.reserve(numbers_.size());
        for (auto const& entry : numbers_) texts.push_back(entry.first);
        return texts;
    }

    /// Position in sorted() by number.
    [[nodiscard]] std::vector<std::uint32_t> positions() const {
        std::vector<std::uint32_t> result(numbers_.size());
        std::uint32_t position = 0;
        for (auto const& entry : numbers_) result[entry.second] = position++;
        return result;
    }

  private:
    std::map<std::string, std::uint32_t, std::less<>> numbers_;  // std::string compares as unsigned bytes
};

}  // namespace vaster::va
