#include "domains/stream/records/record.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <system_error>

#include "base/support/texts.hpp"

namespace vaster::stream {
namespace {

constexpr std::array<std::string_view, n_faults> fault_names{
    "bad_line", "bad_time", "bad_json", "bad_name", "no_sensor", "bad_number", "too_long"};

}  // namespace

std::string_view name_of(Fault fault) {
    return fault_names.at(static_cast<std::size_t>(fault));
}

std::size_t slot_of(Layout const& layout, std::string_view field) {
    auto const found = std::find(layout.fields.begin(), layout.fields.end(), field);
    return static_cast<std::size_t>(found - layout.fields.begin());
}

std::optional<double> number_of(std::string_view text) {
    text = stripped(text);
    bool const signed_twice = text.size() > 1 && text[0] == '+' && (text[1] == '-' || text[1] == '+');
    if (signed_twice) return std::nullopt;
    if (!text.empty() && text[0] == '+') text.remove_prefix(1);
    // from_chars knows names of numbers, too ("inf", "nan").
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
    double number = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, problem] = std::from_chars(text.data(), end, number);
    // Too large, or so small that it is as good as zero: from_chars does not say which.
    if (problem == std::errc::result_out_of_range && stop == end) {
        number = std::strtod(std::string(text).c_str(), nullptr);
        return std::isfinite(number) ? std::optional(number) : std::nullopt;
    }
    if (problem != std::errc() || stop != end || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<std::int64_t> milliseconds_of(std::string_view text) {
    text = stripped(text);
    std::int64_t time = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, problem] = std::from_chars(text.data(), end, time);
    if (problem != std::errc() || stop != end) return std::nullopt;
    return time;
}

FieldValue value_of(std::string_view text) {
    if (text.empty() || text == missing_word) return {Presence::missing, text};
    return {Presence::present, text};
}

void FaultLog::add(std::uint64_t record, std::uint64_t offset, Fault fault) {
    ++counts_[static_cast<std::size_t>(fault)];
    if (first_.size() < n_kept) first_.push_back({record, offset, fault});
}

std::uint64_t FaultLog::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

}  // namespace vaster::stream
