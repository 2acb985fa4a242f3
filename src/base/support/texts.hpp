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

/// The shortest text that is read back as the same number, in memory of its own.
class ShortestText {
  public:
    explicit ShortestText(double number);
    explicit ShortestText(std::int64_t number);
    explicit ShortestText(std::uint64_t number);

    /// Good as long as this object.
    [[nodiscard]] std::string_view view() const noexcept { return {digits_.data(), size_}; }

  private:
    template <class T>
    void write(T number);

    static constexpr std::size_t longest = 32;
    std::array<char, longest> digits_;
    std::size_t size_ = 0;
};

}  // namespace vaster
