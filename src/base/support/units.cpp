#include "base/support/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/core.h>

namespace vaster {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Takes a non-negative number from the front of the text.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    auto const [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (problem != std::errc() || !(value >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

constexpr std::array<std::pair<std::string_view, double>, 5> duration_units{
    {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};

constexpr std::array<std::pair<std::string_view, double>, 13> byte_units{{{"", 1},
                                                                          {"B", 1},
                                                                          {"K", 1024.},
                                                                          {"M", 1048576.},
                                                                          {"G", 1073741824.},
                                                                          {"KiB", 1024.},
                                                                          {"MiB", 1048576.},
                                                                          {"GiB", 1073741824.},
                                                                          {"TiB", 1099511627776.},
                                                                          {"kB", 1e3},
                                                                          {"MB", 1e6},
                                                                          {"GB", 1e9},
                                                                          {"TB", 1e12}}};

}  // namespace

std::optional<double> parse_duration(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    double seconds = 0;
    bool first = true;
    while (!text.empty()) {
        auto const number = take_number(text);
        if (!number) return std::nullopt;
        std::size_t const length = std::min(text.find_first_of("0123456789."), text.size());
        std::string_view const name = trimmed(text.substr(0, length));
        if (name.empty()) return first ? number : std::nullopt;
        bool known = false;
        for (auto const& [unit, factor] : duration_units) {
            if (name != unit) continue;
            seconds += *number * factor;
            known = true;
        }
        if (!known) return std::nullopt;
        text.remove_prefix(length);
        first = false;
    }
    return seconds;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    text = trimmed(text);
    auto const number = take_number(text);
    if (!number) return std::nullopt;
    for (auto const& [unit, factor] : byte_units)
        if (trimmed(text) == unit && *number * factor < 9e18)
            return static_cast<std::uint64_t>(*number * factor);
    return std::nullopt;
}

std::string duration_text(double seconds) {
    if (!(seconds >= 0)) return "-";
    if (seconds < 10) return fmt::format("{:.2g} s", seconds);
    if (seconds < 100) return fmt::format("{:.0f} s", seconds);
    auto const whole = static_cast<long long>(std::llround(std::min(seconds, 1e15)));
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    std::string_view unit = "B";
    for (std::string_view const larger : {"KiB", "MiB", "GiB", "TiB"}) {
        if (value < 1024) break;
        value /= 1024;
        unit = larger;
    }
    return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace vaster
