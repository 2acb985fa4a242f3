#include "domains/service/jobs/placeholders.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

#include "base/support/nearest.hpp"
#include "base/support/texts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Text in braces that means a placeholder, whether there is one of that name or not.
bool is_word(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           std::all_of(text.begin(), text.end(), is_letter);
}

/// A form of {}, which is made only where it is asked for.
std::string form_of(std::filesystem::path const& item, std::string_view form) {
    if (form == ".") return std::filesystem::path(item).replace_extension().string();
    if (form == "/") return item.filename().string();
    if (form == "/.") return item.stem().string();
    return item.has_parent_path() ? item.parent_path().string() : ".";
}

bool is_form(std::string_view name) {
    return name == "." || name == "/" || name == "/." || name == "//";
}

bool is_placeholder(std::string_view name, Placeholders const& values) {
    return values.contains(name) || is_word(name) || (is_form(name) && values.contains(""));
}

std::string value_of(std::string_view name, Placeholders const& values) {
    auto const place = values.find(name);
    if (place != values.end()) return place->second;
    if (is_form(name)) return form_of(values.find("")->second, name);
    std::vector<std::string> known;
    for (auto const& [key, value] : values)
        if (is_word(key)) known.push_back(key);
    std::string what = known.empty() ? "there are no placeholders here without foreach"
                                     : suggestion(name, known, "there are");
    if (!what.ends_with('?')) what += '.';
    throw ConfigError(fmt::format("{{{}}} stands for nothing: {} Write {{{{{}}}}} for the braces themselves",
                                  name, what, name));
}

}  // namespace

std::string fill(std::string_view text, Placeholders const& values, Quoting quoting) {
    if (text.find('{') == std::string_view::npos) return std::string(text);
    std::string filled;
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto const end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            filled += text[at];
            continue;
        }
        auto const name = text.substr(at + 1, end - at - 1);
        bool const doubled = name.starts_with('{') && text.substr(end).starts_with("}}");
        if (doubled && is_placeholder(name.substr(1), values)) {
            filled += name;
            filled += '}';
            at = end + 1;
        } else if ((at > 0 && text[at - 1] == '$') || !is_placeholder(name, values)) {
            filled += '{';
        } else {
            auto const value = value_of(name, values);
            filled += quoting == Quoting::shell ? shell_word(value) : value;
            at = end;
        }
    }
    return filled;
}

}  // namespace vaster::service
