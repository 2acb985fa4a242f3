#include "domains/stream/records/record_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "base/support/texts.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {
namespace {

namespace dom = simdjson::dom;

/// Key of an object that stands for a number beyond the doubles: no record has it, since it is not a name.
constexpr std::string_view beyond_key = "\x01";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool may_be_in_number(char c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// Goes over digits. @returns whether there is at least one
bool skip_digits(std::string_view& text) {
    auto const end = std::find_if_not(text.begin(), text.end(), is_digit);
    bool const any = end != text.begin();
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    return any;
}

/// As JSON writes them (RFC 8259, section 6).
bool is_json_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    bool const has_zero_before = text.size() > 1 && text[0] == '0' && is_digit(text[1]);
    if (has_zero_before || !skip_digits(text)) return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!skip_digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (!skip_digits(text)) return false;
    }
    return text.empty();
}

template <class Whole>
bool fits(std::string_view text) {
    Whole whole = 0;
    auto const [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), whole);
    return problem == std::errc() && stop == text.data() + text.size();
}

/// A number that the parser takes in the place of this one.
void append_in_range(std::string& json, std::string_view number) {
    json += number;
    if (!is_json_number(number)) return;
    if (!number_of(number)) {
        json.resize(json.size() - number.size());
        json += fmt::format("{{\"\\u0001\":\"{}\"}}", number);
        return;
    }
    bool const is_whole = number.find_first_of(".eE") == std::string_view::npos;
    if (is_whole && !fits<std::int64_t>(number) && !fits<std::uint64_t>(number)) json += ".0";
}

/// Where the string that begins there with its quotation mark ends.
std::size_t end_of_string(std::string_view json, std::size_t place) {
    for (++place; place < json.size() && json[place] != '"'; ++place)
        if (json[place] == '\\') ++place;
    return std::min(place + 1, json.size());
}

std::string with_numbers_in_range(std::string_view json) {
    std::string all;
    all.reserve(json.size() + json.size() / 8 + line_padding);
    for (std::size_t place = 0; place < json.size();) {
        std::size_t const begin = place;
        if (json[place] == '"') {
            place = end_of_string(json, place);
            all += json.substr(begin, place - begin);
        } else if (json[place] == '-' || is_digit(json[place])) {
            while (place < json.size() && may_be_in_number(json[place])) ++place;
            append_in_range(all, json.substr(begin, place - begin));
        } else {
            all += json[place++];
        }
    }
    return all;
}

std::optional<std::string_view> number_beyond(dom::element value) {
    dom::object object;
    std::string_view number;
    bool const is_one = value.get(object) == simdjson::SUCCESS && object.size() == 1 &&
                        object[beyond_key].get(number) == simdjson::SUCCESS;
    return is_one ? std::optional(number) : std::nullopt;
}

}  // namespace

simdjson::error_code RecordJson::parse(std::string_view text, dom::element& into) {
    auto const problem = parser_.parse(text.data(), text.size(), false).get(into);
    if (problem != simdjson::NUMBER_ERROR) return problem;
    in_range_ = with_numbers_in_range(text);
    std::size_t const size = in_range_.size();
    in_range_.append(line_padding, ' ');
    return parser_.parse(in_range_.data(), size, false).get(into);
}

std::string text_of_value(dom::element value) {
    if (value.is_double()) return std::string(ShortestText(double(value)).view());
    if (auto const number = number_beyond(value)) return std::string(*number);
    return simdjson::minify(value);
}

}  // namespace vaster::stream
