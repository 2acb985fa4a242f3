#include "domains/trading/market/timeframe.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::market {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> timeframes{
    {{"1m", minute}, {"5m", 5 * minute}, {"15m", 15 * minute}, {"1h", hour}, {"4h", 4 * hour}, {"1d", day}}};

std::int64_t begin_of(std::int64_t time, std::int64_t step) {
    std::int64_t const rest = time % step;
    return time - (rest < 0 ? rest + step : rest);
}

/// Takes exactly `n` digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t n) {
    if (text.size() < n) return std::nullopt;
    int value = 0;
    for (char const c : text.substr(0, n)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = 10 * value + (c - '0');
    }
    text.remove_prefix(n);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// "12:30", "12:30:15", "12:30:15.250": seconds of the day.
std::optional<std::int64_t> take_clock(std::string_view& text) {
    auto const hours = take_digits(text, 2);
    if (!hours || !take(text, ":")) return std::nullopt;
    auto const minutes = take_digits(text, 2);
    if (!minutes) return std::nullopt;
    std::optional<int> seconds = 0;
    if (take(text, ":")) seconds = take_digits(text, 2);
    if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
    if (take(text, "."))
        while (take(text, "0123456789")) {
        }
    return *hours * hour + *minutes * minute + *seconds;
}

std::optional<std::int64_t> parse_iso(std::string_view text) {
    auto const year = take_digits(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    auto const month = take_digits(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    auto const number = take_digits(text, 2);
    if (!number) return std::nullopt;
    chrono::year_month_day const date{chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                                      chrono::day{static_cast<unsigned>(*number)}};
    if (!date.ok()) return std::nullopt;
    std::optional<std::int64_t> clock = 0;
    if (take(text, "T ")) clock = take_clock(text);
    bool const is_utc = text.empty() || text == "Z" || text == "+00:00" || text == "+0000" || text == " UTC";
    if (!clock || !is_utc) return std::nullopt;
    return chrono::sys_days{date}.time_since_epoch().count() * day + *clock;
}

std::optional<std::int64_t> parse_epoch(std::string_view text) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!(number >= 0 && number < 1e19)) return std::nullopt;
    double const unit = number < 1e11 ? 1 : number < 1e14 ? 1e3 : number < 1e17 ? 1e6 : 1e9;
    return static_cast<std::int64_t>(number / unit);
}

/// Adds the bars [first, last) as one.
void add_merged(Bars& to, Bars const& from, std::size_t first, std::size_t last, std::int64_t time) {
    auto const begin = static_cast<std::ptrdiff_t>(first);
    auto const end = static_cast<std::ptrdiff_t>(last);
    to.times.push_back(time);
    to.open.push_back(from.open[first]);
    to.high.push_back(*std::max_element(from.high.begin() + begin, from.high.begin() + end));
    to.low.push_back(*std::min_element(from.low.begin() + begin, from.low.begin() + end));
    to.close.push_back(from.close[last - 1]);
    double volume = 0;
    double funding = 0;
    for (std::size_t i = first; i < last; ++i) {
        volume += from.volume[i];
        if (!from.funding.empty()) funding += from.funding[i];
    }
    to.volume.push_back(volume);
    if (!from.funding.empty()) to.funding.push_back(funding / static_cast<double>(last - first));
}

}  // namespace

std::int64_t seconds_of(std::string_view timeframe) {
    auto const* const found = std::find_if(timeframes.begin(), timeframes.end(),
                                           [&](auto const& known) { return known.first == timeframe; });
    require<ConfigError>(found != timeframes.end(),
                         "timeframe '{}' is not known; there are 1m, 5m, 15m, 1h, 4h and 1d", timeframe);
    return found->second;
}

std::int64_t step_of(Bars const& bars) {
    std::int64_t step = 0;
    for (std::size_t i = 1; i < bars.size(); ++i) {
        std::int64_t const here = bars.times[i] - bars.times[i - 1];
        step = step == 0 ? here : std::min(step, here);
    }
    return step;
}

Bars resample(Bars const& bars, std::int64_t step) {
    VASTER_EXPECTS(step > 0);
    Bars result;
    result.symbol = bars.symbol;
    std::int64_t const own_step = step_of(bars);
    if (own_step == step || bars.size() == 0) return bars;
    require<DataError>(own_step > 0 && own_step < step && step % own_step == 0,
                       "bars of '{}' are {} s apart; bars of {} s cannot be made of them: choose a multiple",
                       bars.symbol, own_step, step);
    for (std::size_t first = 0; first < bars.size();) {
        std::int64_t const begin = begin_of(bars.times[first], step);
        std::size_t last = first;
        while (last < bars.size() && bars.times[last] < begin + step) ++last;
        bool const is_cut = (first == 0 && bars.times[first] != begin) ||
                            (last == bars.size() && bars.times[last - 1] + own_step < begin + step);
        if (!is_cut) add_merged(result, bars, first, last, begin);
        first = last;
    }
    return result;
}

std::int64_t parse_time(std::string_view text, std::string_view where) {
    auto time = parse_epoch(text);
    if (!time) time = parse_iso(text);
    require<DataError>(time.has_value(),
                       "{}: '{}' is not a UTC time (2020-01-01T00:00:00Z or seconds since 1970)", where,
                       text);
    return *time;
}

std::string format_time(std::int64_t time) {
    std::int64_t const midnight = begin_of(time, day);
    chrono::year_month_day const date{chrono::sys_days{chrono::days{midnight / day}}};
    std::int64_t const clock = time - midnight;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()), clock / hour, clock % hour / minute, clock % minute);
}

}  // namespace vaster::market
