#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vaster::backtest {

/// Prices of consecutive bars, all of one length, positive. A view: what it looks at must outlive it.
struct Prices {
    std::span<double const> open;
    std::span<double const> high;
    std::span<double const> low;
    std::span<double const> close;

    [[nodiscard]] std::size_t size() const noexcept { return close.size(); }

    /// `count` bars from `first` on.
    [[nodiscard]] Prices part(std::size_t first, std::size_t count) const {
        return {open.subspan(first, count), high.subspan(first, count), low.subspan(first, count),
                close.subspan(first, count)};
    }
};

/// Relative change of the close to the bar before; 0 for the first bar.
[[nodiscard]] std::vector<double> close_returns(std::span<double const> close);

}  // namespace vaster::backtest
