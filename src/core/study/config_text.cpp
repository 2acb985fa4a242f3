// The key table as text: the commented defaults and the reference page.
#include <algorithm>

#include <fmt/format.h>

#include "vaster/study/config.hpp"

namespace vaster::study {
namespace {

std::string limits_of(Parameter const& key) {
    std::vector<std::string> limits;
    if (!key.choices.empty()) limits.push_back(fmt::format("{}", fmt::join(key.choices, " | ")));
    if (key.format == Format::plain) {
        if (key.bounds.at_least) limits.push_back(fmt::format(">= {}", *key.bounds.at_least));
        if (key.bounds.above) limits.push_back(fmt::format("> {}", *key.bounds.above));
        if (key.bounds.at_most) limits.push_back(fmt::format("<= {}", *key.bounds.at_most));
        if (key.bounds.below) limits.push_back(fmt::format("< {}", *key.bounds.below));
    }
    return fmt::format("{}", fmt::join(limits, ", "));
}

std::string_view type_of(Parameter const& key) {
    constexpr std::string_view names[] = {"true/false", "whole number",  "number",
                                          "text",       "list of texts", "list of numbers"};
    if (key.format == Format::duration) return "duration";
    if (key.format == Format::bytes) return "size";
    if (key.format == Format::file) return "file";
    return names[key.standard.index()];
}

/// Bars would end a cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string escaped;
    for (char const letter : text) {
        if (letter == '|') escaped += '\\';
        escaped += letter;
    }
    return escaped;
}

}  // namespace

std::string documented_defaults(std::vector<KeyTable> const& tables) {
    std::string text;
    for (auto const& table : tables) {
        text += fmt::format("{}# {}\n[{}]\n", text.empty() ? "" : "\n", table.doc, table.name);
        std::size_t width = 0;
        for (auto const& key : table.keys)
            width = std::max(width, key.name.size() + 3 + vaster::to_toml(key.standard).size());
        for (auto const& key : table.keys) {
            std::string const limits = limits_of(key);
            text += fmt::format("{:<{}}  # {}{}\n",
                                fmt::format("{} = {}", key.name, vaster::to_toml(key.standard)), width,
                                key.doc, limits.empty() ? "" : "; " + limits);
        }
    }
    return text;
}

std::string markdown_reference(std::vector<KeyTable> const& tables) {
    std::string text;
    for (auto const& table : tables) {
        text += fmt::format(
            "## [{}]\n\n{}.\n\n| key | type | default | allowed | changes results | meaning "
            "|\n|---|---|---|---|---|---|\n",
            table.name, table.doc);
        for (auto const& key : table.keys)
            text += fmt::format("| `{}` | {} | `{}` | {} | {} | {} |\n", key.name, type_of(key),
                                vaster::to_toml(key.standard), cell(limits_of(key)),
                                key.effect == Effect::result ? "yes" : "no", cell(key.doc));
        text += "\n";
    }
    return text;
}

}  // namespace vaster::study
