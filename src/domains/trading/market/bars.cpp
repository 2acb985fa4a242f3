#include "domains/trading/market/bars.hpp"

#include <algorithm>
#include <cmath>

#include "domains/trading/market/bar_problem.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::market {
namespace {

template <class T>
std::vector<T> part(std::vector<T> const& column, std::size_t first, std::size_t n_bars) {
    auto const begin = column.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(n_bars)};
}

template <class T>
void add(std::vector<T>& column, std::vector<T> const& more) {
    column.insert(column.end(), more.begin(), more.end());
}

bool is_positive(double x) {
    return std::isfinite(x) && x > 0;
}

/// What is wrong with a bar, or "".
std::string problem(Bars const& bars, std::size_t i) {
    if (i > 0 && bars.times[i] <= bars.times[i - 1])
        return "its time is not later than that of the bar before";
    return problem_of_bar({bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i],
                           bars.funding.empty() ? 0 : bars.funding[i]});
}

}  // namespace

std::string problem_of_bar(BarNumbers const& bar) {
    if (!is_positive(bar.open) || !is_positive(bar.high) || !is_positive(bar.low) || !is_positive(bar.close))
        return "a price is not a positive number";
    if (bar.high < bar.low) return fmt::format("high {} is below low {}", bar.high, bar.low);
    if (std::max(bar.open, bar.close) > bar.high || std::min(bar.open, bar.close) < bar.low)
        return "open or close lies outside of low and high";
    if (!std::isfinite(bar.volume) || bar.volume < 0) return "the volume is not a number of at least 0";
    if (!std::isfinite(bar.funding)) return "the funding rate is not a number";
    return "";
}

Bars slice(Bars const& bars, std::size_t first, std::size_t n_bars) {
    VASTER_EXPECTS(first <= bars.size() && n_bars <= bars.size() - first);
    Bars result{bars.symbol,
                part(bars.times, first, n_bars),
                part(bars.open, first, n_bars),
                part(bars.high, first, n_bars),
                part(bars.low, first, n_bars),
                part(bars.close, first, n_bars),
                part(bars.volume, first, n_bars),
                {}};
    if (!bars.funding.empty()) result.funding = part(bars.funding, first, n_bars);
    return result;
}

void append(Bars& bars, Bars const& later) {
    if (later.size() == 0) return;
    bool const keeps_funding = bars.size() == 0 || bars.funding.empty() == later.funding.empty();
    add(bars.times, later.times);
    add(bars.open, later.open);
    add(bars.high, later.high);
    add(bars.low, later.low);
    add(bars.close, later.close);
    add(bars.volume, later.volume);
    if (keeps_funding)
        add(bars.funding, later.funding);
    else
        bars.funding.clear();
}

void check(Bars const& bars) {
    std::size_t const n = bars.size();
    require<DataError>(bars.times.size() == n && bars.open.size() == n && bars.high.size() == n &&
                           bars.low.size() == n && bars.volume.size() == n &&
                           (bars.funding.empty() || bars.funding.size() == n),
                       "bars of '{}': the columns differ in length", bars.symbol);
    for (std::size_t i = 0; i < n; ++i) {
        std::string const wrong = problem(bars, i);
        require<DataError>(wrong.empty(), "bars of '{}': bar {} (time {}): {}; mend or leave out this bar",
                           bars.symbol, i, bars.times[i], wrong);
    }
}

}  // namespace vaster::market
