#include "core/registry/names.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_value = 4096;
constexpr std::string_view first_letters = "abcdefghijklmnopqrstuvwxyz0123456789";

bool consists_of(std::string_view text, std::string_view letters) {
    return text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        auto const length = length_of_character(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::optional<std::uint64_t> version_in(std::string_view text) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
    return number;
}

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && consists_of(text.substr(0, 1), first_letters) &&
           consists_of(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") &&
           text.find("..") == std::string_view::npos && !text.ends_with(".h5");
}

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= longest_name &&
           consists_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}

bool is_value(std::string_view text) {
    return text.size() <= longest_value && is_utf8(text) &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return is_control(c) || c == '\n' || c == '\t'; });
}

std::optional<Reference> parse_reference(std::string_view text) {
    auto const mark = text.find_first_of(":@");
    Reference reference;
    reference.name = std::string(text.substr(0, mark));
    if (!is_name(reference.name)) return std::nullopt;
    if (mark == std::string_view::npos) return reference;
    auto const rest = text.substr(mark + 1);
    if (text[mark] == ':') {
        reference.version = version_in(rest);
        return reference.version ? std::optional(reference) : std::nullopt;
    }
    reference.alias = std::string(rest);
    return is_name(rest) ? std::optional(reference) : std::nullopt;
}

std::string to_text(Reference const& reference) {
    if (reference.version) return fmt::format("{}:{}", reference.name, *reference.version);
    if (!reference.alias.empty()) return fmt::format("{}@{}", reference.name, reference.alias);
    return reference.name;
}

void require_name(std::string_view text) {
    require<UsageError>(
        is_name(text),
        "'{}' cannot be the name of a model: a name is 1 to 64 of a-z, 0-9, '.', '_' and '-', "
        "begins with a letter or a digit, has no '..' and does not end in '.h5'",
        legible(text));
}

}  // namespace vaster::registry
