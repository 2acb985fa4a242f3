#include "core/registry/filter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include "base/support/byte_text.hpp"
#include "base/support/nearest.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

constexpr std::size_t longest_filter = 10000;
constexpr std::size_t deepest = 200;

/// @throws UsageError with the text and a caret below the place
[[noreturn]] void fail_at(std::string_view text, std::size_t at, std::string_view problem) {
    constexpr std::size_t shown_before = 60;
    auto const begin = at > shown_before ? at - shown_before : 0;
    auto const shown = legible(text.substr(begin, 2 * shown_before));
    throw UsageError(fmt::format("the filter is not understood: {}\n  {}\n  {:>{}}", problem, shown, "^",
                                 legible(text.substr(begin, at - begin)).size() + 1));
}

enum class Sort { end, word, quoted, sign };

struct Token {
    Sort sort = Sort::end;
    std::string text;
    std::size_t at = 0;
};

bool is_word_letter(char c) {
    bool const is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_alphanumeric || std::string_view("._-+:*?@/").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    std::size_t at = 0;
    auto const take = [&](Sort sort, std::size_t length) {
        tokens.push_back({sort, std::string(text.substr(at, length)), at});
        at += length;
    };
    while (at < text.size()) {
        auto const rest = text.substr(at);
        if (rest.front() == ' ') {
            ++at;
        } else if (rest.front() == '"') {
            auto const end = rest.find('"', 1);
            if (end == std::string_view::npos) fail_at(text, at, "this quotation mark is never closed");
            tokens.push_back({Sort::quoted, std::string(rest.substr(1, end - 1)), at});
            at += end + 1;
        } else if (rest.starts_with("!=") || rest.starts_with("<=") || rest.starts_with(">=")) {
            take(Sort::sign, 2);
        } else if (std::string_view("=<>~(),").find(rest.front()) != std::string_view::npos) {
            take(Sort::sign, 1);
        } else {
            auto const end = std::find_if_not(rest.begin(), rest.end(), is_word_letter);
            if (end == rest.begin()) fail_at(text, at, "this character means nothing here");
            take(Sort::word, static_cast<std::size_t>(end - rest.begin()));
        }
    }
    tokens.push_back({Sort::end, "", text.size()});
    return tokens;
}

std::optional<double> number_in(std::string const& text) {
    if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string::npos) return std::nullopt;
    char* end = nullptr;
    double const number = std::strtod(text.c_str(), &end);
    if (end != text.c_str() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::string text_of(Value const& value) {
    auto const* const text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : fmt::format("{}", std::get<double>(value));
}

/// -1, 0 or 1.
int order(Value const& value, std::string const& other) {
    auto const* const own = std::get_if<double>(&value);
    auto const a = own != nullptr ? std::optional(*own) : number_in(std::get<std::string>(value));
    auto const b = number_in(other);
    if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
    auto const compared = text_of(value).compare(other);
    return compared < 0 ? -1 : compared > 0 ? 1 : 0;
}

bool compare(Value const& value, std::string const& sign, std::string const& other) {
    if (sign == "~") return ::fnmatch(other.c_str(), text_of(value).c_str(), 0) == 0;
    int const found = order(value, other);
    if (sign == "=") return found == 0;
    if (sign == "<") return found < 0;
    if (sign == "<=") return found <= 0;
    if (sign == ">") return found > 0;
    return found >= 0;
}

/// One of several values will do; for != all must differ.
bool compare(Row const& row, std::string const& key, std::string const& sign, std::string const& other) {
    auto const place = row.find(key);
    if (place == row.end()) return false;
    auto const& values = place->second;
    if (sign == "!=")
        return std::none_of(values.begin(), values.end(),
                            [&](auto const& v) { return compare(v, "=", other); });
    return std::any_of(values.begin(), values.end(), [&](auto const& v) { return compare(v, sign, other); });
}

/// Makes a test of a text, by recursive descent.
class Parser {
  public:
    Parser(std::string_view text, std::vector<Filter::Key>& keys)
        : text_(text), tokens_(tokens_of(text)), keys_(keys) {}

    Filter::Test whole() {
        auto test = any_of();
        if (now().sort != Sort::end) fail("'and' or 'or' must follow here");
        return test;
    }

  private:
    [[nodiscard]] Token const& now() const { return tokens_[at_]; }

    [[nodiscard]] bool is(Sort sort, std::string_view text) const {
        return now().sort == sort && now().text == text;
    }

    bool take(Sort sort, std::string_view text) {
        bool const found = is(sort, text);
        if (found) ++at_;
        return found;
    }

    [[noreturn]] void fail(std::string_view problem) const { fail_at(text_, now().at, problem); }

    Filter::Test any_of() {
        auto test = all_of();
        while (take(Sort::word, "or"))
            test = [first = std::move(test), second = all_of()](Row const& row) {
                return first(row) || second(row);
            };
        return test;
    }

    Filter::Test all_of() {
        auto test = one();
        while (take(Sort::word, "and"))
            test = [first = std::move(test), second = one()](Row const& row) {
                return first(row) && second(row);
            };
        return test;
    }

    Filter::Test one() {
        if (++depth_ > deepest) fail("more than 200 levels of 'not' and '('");
        auto test = one_below();
        --depth_;
        return test;
    }

    Filter::Test one_below() {
        if (take(Sort::word, "not")) return [inner = one()](Row const& row) { return !inner(row); };
        if (!take(Sort::sign, "(")) return comparison();
        auto test = any_of();
        if (!take(Sort::sign, ")")) fail("')' must stand here");
        return test;
    }

    Filter::Test comparison() {
        bool const is_key =
            now().sort == Sort::quoted || (now().sort == Sort::word && !is_reserved(now().text));
        if (!is_key) fail("a key must stand here, such as status or tags.country");
        auto const key = now().text;
        keys_.push_back({key, now().at});
        ++at_;
        if (take(Sort::word, "in")) return among(key);
        static std::set<std::string, std::less<>> const signs{"=", "!=", "<", "<=", ">", ">=", "~"};
        if (now().sort != Sort::sign || !signs.contains(now().text))
            fail("one of = != < <= > >= ~ in must stand here");
        auto const sign = now().text;
        ++at_;
        return [key, sign, other = value()](Row const& row) { return compare(row, key, sign, other); };
    }

    Filter::Test among(std::string const& key) {
        if (!take(Sort::sign, "(")) fail("a list must stand here: (a, b)");
        std::vector<std::string> values{value()};
        while (take(Sort::sign, ",")) values.push_back(value());
        if (!take(Sort::sign, ")")) fail("',' or ')' must stand here");
        return [key, values](Row const& row) {
            return std::any_of(values.begin(), values.end(),
                               [&](auto const& v) { return compare(row, key, "=", v); });
        };
    }

    std::string value() {
        bool const is_value =
            now().sort == Sort::quoted || (now().sort == Sort::word && !is_reserved(now().text));
        if (!is_value) fail("a value must stand here; one with spaces in quotation marks");
        return tokens_[at_++].text;
    }

    static bool is_reserved(std::string_view word) {
        return word == "and" || word == "or" || word == "not" || word == "in";
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::vector<Filter::Key>& keys_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

Row row_of(State const& state, Version const& version) {
    Row row;
    for (auto const& [key, value] : version.kept.facts) row[key] = {value};
    for (auto const& [key, value] : version.tags) row[fmt::format("tags.{}", key)] = {value};
    for (auto const& [key, value] : version.metrics) row[fmt::format("metrics.{}", key)] = {value};
    for (auto const& alias : state.aliases_of(version.number)) row["alias"].emplace_back(alias);
    row["name"] = {state.name};
    row["version"] = {static_cast<double>(version.number)};
    row["status"] = {std::string(to_text(version.status))};
    row["created"] = {version.created};
    row["author"] = {version.author};
    row["content"] = {version.kept.content};
    return row;
}

Filter::Filter(std::string_view text) : text_(text) {
    require<UsageError>(text.size() <= longest_filter, "the filter has {} bytes (at most {})", text.size(),
                        longest_filter);
    test_ = Parser(text_, keys_).whole();
}

void Filter::require_keys(std::vector<Row> const& rows) const {
    std::set<std::string> known{"name", "version", "status", "created", "author", "content", "alias"};
    for (auto const& row : rows)
        for (auto const& [key, value] : row) known.insert(key);
    std::vector<std::string> const names(known.begin(), known.end());
    for (auto const& key : keys_) {
        if (rows.empty() || known.contains(key.name)) continue;
        auto const near = nearest_name(key.name, names);
        fail_at(
            text_, key.at,
            near ? fmt::format("no version has the key '{}'; did you mean '{}'?", key.name, *near)
                 : fmt::format("no version has the key '{}'; keys are {}", key.name, fmt::join(names, ", ")));
    }
}

}  // namespace vaster::registry
