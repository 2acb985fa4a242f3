#include "domains/service/expressions/value.hpp"

#include <array>
#include <charconv>

namespace vaster::service {
namespace {

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

std::string text_of(Value const& value) {
    return std::visit(TextOf{}, value);
}

std::string_view kind_of(Value const& value) {
    return std::visit(KindOf{}, value);
}

}  // namespace vaster::service
