#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vaster {

/// The text without blanks (spaces, tabs, line ends, form feeds) at its ends.
[[nodiscard]] std::string_view stripped(std::string_view text);

/// "1 job", "2 jobs". @param what  the singular of a noun whose plural ends in s
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view what);

/// The text as one word of a POSIX shell, in single quotes where it needs them.
[[nodiscard]] std::string shell_word(std::string_view text);

/// Writes the shortest text that is read back as the same number.
/// @param to  with room for longest_number bytes, all of which may be written. @returns length of the text
[[nodiscard]] std::size_t write_shortest(double number, char* to);
[[nodiscard]] std::size_t write_shortest(std::int64_t number, char* to);
[[nodiscard]] std::size_t write_shortest(std::uint64_t number, char* to);

constexpr std::size_t longest_number = 32;

/// The same in memory of its own.
class ShortestText {
  public:
    explicit ShortestText(double number) : size_(write_shortest(number, digits_.data())) {}

    explicit ShortestText(std::int64_t number) : size_(write_shortest(number, digits_.data())) {}

    explicit ShortestText(std::uint64_t number) : size_(write_shortest(number, digits_.data())) {}

    /// Good as long as this object.
    [[nodiscard]] std::string_view view() const noexcept { return {digits_.data(), size_}; }

  private:
    std::array<char, longest_number> digits_;
    std::size_t size_ = 0;
};

}  // namespace vaster
