// TOML text: the characters that may stand outside of quotes and comments, then toml++.
#include "core/study/toml_text.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "vaster/support/errors.hpp"

namespace vaster::study {

void refuse_toml() {
    throw ConfigError(
        "this is not TOML: a table's name or a value begins with a character that none may begin with");
}

namespace {

/// Three quotes may end a text whose last letters are one or two quotes.
std::size_t quotes_inside(std::string_view end, std::string_view closing) {
    if (closing.size() != 3) return 0;
    std::size_t const run = std::min(end.find_first_not_of(closing.front()), end.size());
    return std::min<std::size_t>(run, 5) - 3;
}

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
            return std::min(at + closing.size() + quotes_inside(text.substr(at), closing), text.size());
        else if (text[at] == '\n' && !many_lines)
            return at;
    }
    return text.size();
}

/// What makes a text no TOML, and where.
struct Flaw {
    std::size_t at = 0;
    std::string_view what;
};

/// Letters outside of ASCII may only stand in quotes and comments, and quotes only where a key or a value
/// begins. toml++ 3.3 looks up such letters in tables for a coming TOML, and reads past the end of one of
/// them (U+028D, for example).
std::optional<Flaw> find_flaw(std::string_view text) {
    constexpr std::string_view before_quotes = "\n=,[{.";
    char before = '\n';
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (at < text.size()) {
        char const here = text[at];
        if (here == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (static_cast<unsigned char>(here) > 127)
            return Flaw{at, "letters other than A-Z and a-z may only stand in quotes and comments"};
        bool const quote = here == '"' || here == '\'';
        if (quote && before_quotes.find(before) == std::string_view::npos)
            return Flaw{at, "quotes may only stand around the whole of a key or a value"};
        if (here != ' ' && here != '\t' && here != '\r') before = here;
        at = quote ? end_of_quoted(text, at) : at + 1;
    }
    return std::nullopt;
}

}  // namespace

toml::table parse_toml(std::string_view text, std::string const& path) {
    if (auto const flaw = find_flaw(text)) {
        auto const before = text.substr(0, flaw->at);
        auto const line = std::count(before.begin(), before.end(), '\n') + 1;
        auto const column = flaw->at - (before.rfind('\n') + 1) + 1;
        throw ConfigError(fmt::format("{}:{}:{}: this is not TOML: {}", path, line, column, flaw->what));
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
