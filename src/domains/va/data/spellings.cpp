#include "domains/va/data/spellings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"

namespace vaster::va {

namespace {

/// Bytes of the blank that the text begins with; 0 if it begins with none.
std::size_t leading_blank(std::string_view text) {
    if (text.empty()) return 0;
    if (std::string_view(" \t\r\n\v\f").find(text.front()) != std::string_view::npos) return 1;
    for (std::string_view const blank : {"\u00A0", "\u2007", "\u202F", "\uFEFF"})
        if (text.starts_with(blank)) return blank.size();
    return 0;
}

std::size_t trailing_blank(std::string_view text) {
    for (std::size_t bytes = 1; bytes <= 3 && bytes <= text.size(); ++bytes)
        if (leading_blank(text.substr(text.size() - bytes)) == bytes) return bytes;
    return 0;
}

/// Between two capital letters that have their small letters at a fixed distance.
struct Range {
    char32_t first, last, distance;
};

constexpr std::array<Range, 7> shifted = {{{U'A', U'Z', 32},
                                           {0x00C0, 0x00D6, 32},
                                           {0x00D8, 0x00DE, 32},
                                           {0x0391, 0x03A1, 32},
                                           {0x03A3, 0x03AB, 32},
                                           {0x0400, 0x040F, 80},
                                           {0x0410, 0x042F, 32}}};

/// Blocks in which every capital letter is followed by its small one.
constexpr std::array<Range, 4> paired = {
    {{0x0100, 0x012F, 0}, {0x0132, 0x0137, 0}, {0x014A, 0x0177, 0}, {0x1E00, 0x1EFF, 0}}};

char32_t small_letter(char32_t letter) {
    for (auto const& range : shifted)
        if (letter >= range.first && letter <= range.last) return letter + range.distance;
    for (auto const& range : paired)
        if (letter >= range.first && letter <= range.last) return letter | 1U;
    bool const odd_capital =
        (letter >= 0x0139 && letter <= 0x0148) || letter == 0x0179 || letter == 0x017B || letter == 0x017D;
    if (odd_capital) return letter + letter % 2;
    return letter == 0x0178 ? 0x00FF : letter;
}

/// Appends a letter below U+10000 as UTF-8.
void append_letter(std::string& text, char32_t letter) {
    if (letter < 0x80) {
        text += static_cast<char>(letter);
    } else if (letter < 0x800) {
        text += static_cast<char>(0xC0U | letter >> 6U);
        text += static_cast<char>(0x80U | (letter & 0x3FU));
    } else {
        text += static_cast<char>(0xE0U | letter >> 12U);
        text += static_cast<char>(0x80U | (letter >> 6U & 0x3FU));
        text += static_cast<char>(0x80U | (letter & 0x3FU));
    }
}

/// Bytes of the letter that begins with `byte`.
std::size_t letter_bytes(char byte) {
    auto const b = static_cast<unsigned char>(byte);
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
}

/// The letter of two or three bytes.
char32_t letter_of(std::string_view bytes) {
    auto const bits = [&](std::size_t i, unsigned mask) {
        return static_cast<char32_t>(static_cast<unsigned char>(bytes[i]) & mask);
    };
    if (bytes.size() == 1) return bits(0, 0x7F);
    if (bytes.size() == 2) return bits(0, 0x1F) << 6U | bits(1, 0x3F);
    return bits(0, 0x0F) << 12U | bits(1, 0x3F) << 6U | bits(2, 0x3F);
}

constexpr std::array<std::string_view, 9> nothing = {"",     "na",   "n/a", "nan", "null",
                                                     "<na>", "#n/a", ".",   "-"};

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (auto const bytes = leading_blank(text)) text.remove_prefix(bytes);
    while (auto const bytes = trailing_blank(text)) text.remove_suffix(bytes);
    return text;
}

std::string tidied(std::string_view text) {
    text = trimmed(text);
    std::string tidy;
    tidy.reserve(text.size());
    bool in_blanks = false;
    while (!text.empty()) {
        std::size_t const blank = leading_blank(text);
        if (blank == 0) tidy += text.front();
        if (blank != 0 && !in_blanks) tidy += ' ';
        in_blanks = blank != 0;
        text.remove_prefix(std::max<std::size_t>(blank, 1));
    }
    return tidy;
}

std::string folded(std::string_view text) {
    std::string small;
    small.reserve(text.size());
    while (!text.empty()) {
        std::size_t const bytes = std::min(letter_bytes(text.front()), text.size());
        if (bytes < 4)
            append_letter(small, small_letter(letter_of(text.substr(0, bytes))));
        else
            small += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return small;
}

std::optional<std::string> plain_number(std::string_view text) {
    bool const negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::size_t const point = std::min(text.find('.'), text.size());
    std::string_view whole = text.substr(0, point);
    std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    constexpr std::string_view digits = "0123456789";
    if (whole.empty() || whole.find_first_not_of(digits) != std::string_view::npos ||
        fraction.find_first_not_of(digits) != std::string_view::npos)
        return std::nullopt;
    while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    bool const zero = whole == "0" && fraction.empty();
    std::string number = negative && !zero ? "-" : "";
    number += whole;
    if (!fraction.empty()) number.append(".").append(fraction);
    return number;
}

std::string quoted(std::string_view text) {
    return text.empty() ? "empty" : fmt::format("\"{}\"", printable(text));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_control);
}

std::string grouped(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

std::string listed(std::vector<CountedText> texts) {
    std::stable_sort(texts.begin(), texts.end(),
                     [](auto const& a, auto const& b) { return a.count > b.count; });
    constexpr std::size_t n_shown = 8;
    std::size_t const n_more = texts.size() - std::min(texts.size(), n_shown);
    texts.resize(texts.size() - n_more);
    std::vector<std::string> parts;
    parts.reserve(texts.size() + 1);
    for (auto const& [text, count] : texts)
        parts.push_back(fmt::format("{} ({})", va::quoted(text), grouped(count)));
    if (n_more > 0) parts.push_back(fmt::format("and {} more", n_more));
    return fmt::format("{}", fmt::join(parts, ", "));
}

NothingWords::NothingWords(std::vector<std::string> const& more) {
    more_.reserve(more.size());
    for (auto const& word : more) more_.push_back(folded(tidied(word)));
}

bool NothingWords::contains(std::string_view tidy) const {
    std::string const word = folded(tidy);
    return std::find(nothing.begin(), nothing.end(), word) != nothing.end() ||
           std::find(more_.begin(), more_.end(), word) != more_.end();
}

std::string const& NothingWords::documented() {
    static std::string const words = "empty, NA, N/A, nan, null, <NA>, #N/A, \".\" and \"-\"";
    return words;
}

bool may_mean_unknown(std::string_view tidy) {
    constexpr std::array<std::string_view, 12> suspects = {
        "undetermined", "unknown", "indeterminate", "unk",         "vas-99",      "99",
        "none",         "missing", "not known",     "ill-defined", "unspecified", "don't know"};
    return std::find(suspects.begin(), suspects.end(), folded(tidy)) != suspects.end();
}

}  // namespace vaster::va
