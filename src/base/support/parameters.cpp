#include "vaster/support/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "base/support/units.hpp"

namespace vaster {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

/// A bound as people write values of this format: 33554432 bytes are "32.0 MiB".
std::string bound_text(Format format, double bound) {
    if (bound > 0 && format == Format::bytes) return bytes_text(static_cast<std::uint64_t>(bound));
    if (bound > 0 && format == Format::duration) return duration_text(bound);
    return fmt::format("{}", bound);
}

std::string number_problem(Bounds const& bounds, double value, Format format = Format::plain) {
    auto const must_be = [&](char const* where, double bound) {
        return fmt::format("(must be {} {})", where, bound_text(format, bound));
    };
    if (!std::isfinite(value)) return "(must be a finite number)";
    if (bounds.at_least && value < *bounds.at_least) return must_be("at least", *bounds.at_least);
    if (bounds.at_most && value > *bounds.at_most) return must_be("at most", *bounds.at_most);
    if (bounds.above && value <= *bounds.above) return must_be("above", *bounds.above);
    if (bounds.below && value >= *bounds.below) return must_be("below", *bounds.below);
    return "";
}

std::string choice_problem(Parameter const& parameter, std::string const& text) {
    if (parameter.choices.empty()) return "";
    if (std::find(parameter.choices.begin(), parameter.choices.end(), text) != parameter.choices.end())
        return "";
    return fmt::format("('{}' is not one of: {})", text, fmt::join(parameter.choices, ", "));
}

std::string text_problem(Parameter const& parameter, std::string const& text) {
    if (parameter.format == Format::duration) {
        auto const seconds = parse_duration(text);
        return seconds ? number_problem(parameter.bounds, *seconds, parameter.format)
                       : "(must be a duration such as \"90s\", \"15m\" or \"1h30m\")";
    }
    if (parameter.format == Format::bytes) {
        auto const bytes = parse_bytes(text);
        return bytes ? number_problem(parameter.bounds, static_cast<double>(*bytes), parameter.format)
                     : "(must be a size such as \"512MiB\" or \"4GiB\")";
    }
    return choice_problem(parameter, text);
}

template <class Elements, class Check>
std::string first_problem(Elements const& elements, Check check) {
    for (auto const& element : elements)
        if (std::string found = check(element); !found.empty()) return found;
    return "";
}

std::string quoted(std::string const& bytes) {
    std::string out = "\"";
    std::string_view text = bytes;
    for (; !text.empty(); text.remove_prefix(1)) {
        char const c = text.front();
        auto const byte = static_cast<unsigned char>(c);
        if (std::size_t const length = length_of_character(text); length != 1) {
            out += length == 0 ? fmt::format("\\U0010FE{:02X}", byte) : std::string(text.substr(0, length));
            text.remove_prefix(length == 0 ? 0 : length - 1);
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\u{:04X}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string real_text(double value) {
    std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string problem_of(Parameter const& parameter, Value const& value) {
    if (value.index() != parameter.standard.index()) return "(has the wrong type)";
    return std::visit(Overloaded{
                          [](bool) { return std::string(); },
                          [&](std::int64_t number) {
                              return number_problem(parameter.bounds, static_cast<double>(number));
                          },
                          [&](double number) { return number_problem(parameter.bounds, number); },
                          [&](std::string const& text) { return text_problem(parameter, text); },
                          [&](std::vector<std::string> const& texts) {
                              return first_problem(
                                  texts, [&](auto const& text) { return choice_problem(parameter, text); });
                          },
                          [&](std::vector<double> const& numbers) {
                              return first_problem(numbers, [&](double number) {
                                  return number_problem(parameter.bounds, number);
                              });
                          },
                      },
                      value);
}

std::string to_toml(Value const& value) {
    return std::visit(Overloaded{
                          [](bool flag) { return std::string(flag ? "true" : "false"); },
                          [](std::int64_t number) { return fmt::format("{}", number); },
                          [](double number) { return real_text(number); },
                          [](std::string const& text) { return quoted(text); },
                          [](std::vector<std::string> const& texts) {
                              std::vector<std::string> parts;
                              parts.reserve(texts.size());
                              for (auto const& text : texts) parts.push_back(quoted(text));
                              return fmt::format("[{}]", fmt::join(parts, ", "));
                          },
                          [](std::vector<double> const& numbers) {
                              std::vector<std::string> parts;
                              parts.reserve(numbers.size());
                              for (double const number : numbers) parts.push_back(real_text(number));
                              return fmt::format("[{}]", fmt::join(parts, ", "));
                          },
                      },
                      value);
}

Parameters::Parameters(std::vector<Parameter> const& declared) {
    for (auto const& parameter : declared) values_.emplace(parameter.name, parameter.standard);
}

void Parameters::set(std::string_view name, Value value) {
    auto const place = values_.find(name);
    if (place == values_.end())
        throw std::logic_error(fmt::format("parameter '{}' was never declared", name));
    place->second = std::move(value);
}

Value const& Parameters::value(std::string_view name) const {
    auto const place = values_.find(name);
    if (place == values_.end())
        throw std::logic_error(fmt::format("parameter '{}' was never declared", name));
    return place->second;
}

}  // namespace vaster
