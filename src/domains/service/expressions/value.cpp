#include "domains/service/expressions/value.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace vaster::service {
namespace {

std::string_view trimmed(std::string_view cell) {
    constexpr std::string_view blanks = " \t\r\n";
    auto const first = cell.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return cell.substr(first, cell.find_last_not_of(blanks) - first + 1);
}

struct TextOf {
    std::string operator()(Missing) const { return {}; }

    std::string operator()(double number) const {
        constexpr std::size_t longest = 32;
        std::array<char, longest> digits;
        auto const [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        return {digits.data(), end};
    }

    std::string operator()(bool holds) const { return holds ? "true" : "false"; }

    std::string operator()(std::string const& text) const { return text; }
};

struct KindOf {
    std::string_view operator()(Missing) const { return "missing"; }

    std::string_view operator()(double) const { return "a number"; }

    std::string_view operator()(bool) const { return "true or false"; }

    std::string_view operator()(std::string const&) const { return "a text"; }
};

}  // namespace

Value value_of_cell(std::string_view cell) {
    cell = trimmed(cell);
    if (cell.empty()) return Missing{};
    std::string_view digits = cell;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-' && digits[1] != '+')
        digits.remove_prefix(1);
    if (digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos) {
        double number = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [stop, problem] = std::from_chars(digits.data(), end, number);
        if (problem == std::errc() && stop == end) return number;
    }
    return std::string(cell);
}

std::string text_of(Value const& value) {
    return std::visit(TextOf{}, value);
}

std::string_view kind_of(Value const& value) {
    return std::visit(KindOf{}, value);
}

}  // namespace vaster::service
