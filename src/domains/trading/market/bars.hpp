#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vaster::market {

/// Bars (open, high, low, close, volume) of one asset, oldest first, as columns of the same length.
struct Bars {
    std::string symbol;
    std::vector<std::int64_t> times;  ///< beginning of every bar, seconds since 1970 UTC, strictly ascending
    std::vector<double> open;         ///< [price], above 0
    std::vector<double> high;
    std::vector<double> low;
    std::vector<double> close;
    std::vector<double> volume;   ///< [units of the asset], at least 0
    std::vector<double> funding;  ///< funding rate of every bar [1]; empty: unknown

    [[nodiscard]] std::size_t size() const noexcept { return close.size(); }
};

/// The bars [first, first + n_bars). They must be there.
[[nodiscard]] Bars slice(Bars const& bars, std::size_t first, std::size_t n_bars);

/// Adds the bars of `later` behind those of `bars`; whether they are later is the caller's to see to. Funding
/// rates are kept only if both sides have them or `bars` is empty.
void append(Bars& bars, Bars const& later);

/// Checks what seeds and back-tests take for granted: columns of one length, ascending times, positive finite
/// prices, low <= open, close <= high, volume at least 0, finite funding rates.
/// @throws DataError that names the symbol and the first bar that is wrong
void check(Bars const& bars);

}  // namespace vaster::market
