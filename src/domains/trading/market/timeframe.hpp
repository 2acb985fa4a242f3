#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domains/trading/market/bars.hpp"

namespace vaster::market {

/// Seconds of a bar of a timeframe: "1m", "5m", "15m", "1h", "4h" or "1d".
/// @throws ConfigError for another name
[[nodiscard]] std::int64_t seconds_of(std::string_view timeframe);

/// The smallest step from a bar to the next; 0 for fewer than two bars.
[[nodiscard]] std::int64_t step_of(Bars const& bars);

/// Bars of a longer timeframe, aligned to 1970-01-01 00:00 UTC: first open, highest high, lowest low, last
/// close, sum of volumes, mean of funding rates. Bars at either end that are not complete are left out;
/// inside, a bar is made of what there is. A bar's time is its beginning: its close is known `step` later.
/// @param step  [s] a multiple of the bars' own step
/// @throws DataError when it is not
[[nodiscard]] Bars resample(Bars const& bars, std::int64_t step);

/// Seconds since 1970 UTC of "2020-01-01", "2020-01-01T12:30", "2020-01-01 12:30:15", each with "Z" or
/// "+00:00" or nothing behind it (a fraction of a second is dropped), or of a number: seconds, and from 1e11
/// on milliseconds, from 1e14 on microseconds, from 1e17 on nanoseconds.
/// @throws DataError for another text, `where` in front
[[nodiscard]] std::int64_t parse_time(std::string_view text, std::string_view where);

/// "2020-01-01T12:30:15Z".
[[nodiscard]] std::string format_time(std::int64_t time);

}  // namespace vaster::market
