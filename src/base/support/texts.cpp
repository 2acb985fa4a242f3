#include "base/support/texts.hpp"

#include <charconv>

namespace vaster {

std::string_view stripped(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

ShortestText::ShortestText(double number) {
    write(number);
}

ShortestText::ShortestText(std::int64_t number) {
    write(number);
}

ShortestText::ShortestText(std::uint64_t number) {
    write(number);
}

template <class T>
void ShortestText::write(T number) {
    auto const [end, problem] = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number);
    size_ = static_cast<std::size_t>(end - digits_.data());
}

}  // namespace vaster
