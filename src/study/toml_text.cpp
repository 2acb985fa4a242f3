// TOML text: the characters that may stand outside of quotes and comments, then toml++.
#include "toml_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vaster/support/errors.hpp"

namespace vaster::study {

void refuse_toml() {
    throw ConfigError(
        "this is not TOML: a table's name or a value begins with a character that none may begin with");
}

namespace {

/// Where the quoted text that begins at `begin` ends: behind its closing quotes, or at the end of all.
std::size_t end_of_quoted(std::string_view text, std::size_t begin) {
    char const quote = text[begin];
    std::string const three(3, quote);
    bool const many_lines = text.substr(begin).starts_with(three);
    std::string_view const closing = std::string_view(three).substr(0, many_lines ? 3 : 1);
    for (std::size_t at = begin + closing.size(); at < text.size(); ++at) {
        if (text[at] == '\\' && quote == '"')
            ++at;
        else if (text.substr(at).starts_with(closing))
            return at + closing.size();
        else if (text[at] == '\n' && !many_lines)
            return at;
    }
    return text.size();
}

/// The first byte outside of quotes and comments that is not ASCII; npos if there is none. toml++ 3.3 looks
/// up such letters in tables for a coming TOML, and reads past the end of one of them (U+028D, for example).
std::size_t find_foreign_letter(std::string_view text) {
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (at < text.size()) {
        if (text[at] == '#')
            at = std::min(text.find('\n', at), text.size());
        else if (text[at] == '"' || text[at] == '\'')
            at = end_of_quoted(text, at);
        else if (static_cast<unsigned char>(text[at]) > 127)
            return at;
        else
            ++at;
    }
    return std::string_view::npos;
}

}  // namespace

toml::table parse_toml(std::string_view text, std::string const& path) {
    if (auto const at = find_foreign_letter(text); at != std::string_view::npos) {
        auto const before = text.substr(0, at);
        auto const line = std::count(before.begin(), before.end(), '\n') + 1;
        auto const column = at - (before.rfind('\n') + 1) + 1;
        throw ConfigError(
            fmt::format("{}:{}:{}: this is not TOML: letters other than A-Z and a-z may only stand "
                        "in quotes and comments",
                        path, line, column));
    }
    try {
        return toml::parse(text, path);
    } catch (toml::parse_error const& e) {
        auto const& at = e.source().begin;
        throw ConfigError(
            fmt::format("{}:{}:{}: this is not TOML: {}", path, at.line, at.column, e.description()));
    }
}

}  // namespace vaster::study
