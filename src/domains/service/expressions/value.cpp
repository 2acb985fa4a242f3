#include "domains/service/expressions/value.hpp"

#include <charconv>
#include <system_error>

#include "base/support/texts.hpp"

namespace vaster::service {
namespace {

struct TextOf {
    std::string operator()(Missing) const { return {}; }

    std::string operator()(double number) const { return std::string(ShortestText(number).view()); }

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
    cell = stripped(cell);
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
