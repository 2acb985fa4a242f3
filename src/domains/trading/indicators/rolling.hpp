#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vaster::strategies {

/// One number a bar; NaN: there is none (yet).
using Series = std::vector<double>;
using View = std::span<double const>;

// Statistics of the `window` values up to and including each bar. NaN where fewer than `enough` of them are
// numbers; by default all must be. A value depends on no later bar. None drifts: sums carry their rounding
// errors along, and those of squares are begun anew, around a value nearby, every few hundred bars.
// window >= 1.

[[nodiscard]] Series rolling_sum(View x, std::size_t window, std::size_t enough = 0);
[[nodiscard]] Series rolling_mean(View x, std::size_t window, std::size_t enough = 0);

/// What a variance is divided by: n - 1 or n.
enum class Deviation { sample, population };

/// Standard deviation; exactly 0 where all values are the same.
[[nodiscard]] Series rolling_deviation(View x, std::size_t window, Deviation kind = Deviation::sample);

[[nodiscard]] Series rolling_max(View x, std::size_t window);
[[nodiscard]] Series rolling_min(View x, std::size_t window);

/// Quantile of type 7 (see stats/quantile.hpp). Takes a time in proportion to window. @param p  in [0, 1]
[[nodiscard]] Series rolling_quantile(View x, std::size_t window, double p, std::size_t enough = 0);

/// Rank of the bar's own value, in (0, 1]: mean rank of equal values over the window. Takes a time in
/// proportion to window.
[[nodiscard]] Series rolling_rank(View x, std::size_t window);

/// x[i - bars]; NaN at the beginning.
[[nodiscard]] Series lagged(View x, std::size_t bars);

/// x[i] - x[i - bars]
[[nodiscard]] Series change(View x, std::size_t bars = 1);

/// x[i] / x[i - bars] - 1
[[nodiscard]] Series relative_change(View x, std::size_t bars = 1);

/// a[i] / b[i]
[[nodiscard]] Series ratio(View a, View b);

/// NaN becomes `value`.
[[nodiscard]] Series filled(Series x, double value);

/// 1 where the predicate holds, else 0: counts are rolling sums of it. @param holds  of (i)
template <class Predicate>
[[nodiscard]] Series indicator(std::size_t n, Predicate holds) {
    Series result(n);
    for (std::size_t i = 0; i < n; ++i) result[i] = holds(i) ? 1 : 0;
    return result;
}

}  // namespace vaster::strategies
