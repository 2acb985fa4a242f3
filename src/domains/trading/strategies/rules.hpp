#pragma once

#include <cstddef>
#include <span>

#include "domains/trading/indicators/rolling.hpp"
#include "domains/trading/market/bars.hpp"
#include "domains/trading/strategies/signal.hpp"

namespace vaster::strategies {

/// What a seed's rule works on.
struct Input {
    market::Bars const& bars;
    std::span<double const> genes;  ///< in the order of the seed's table, within bounds
    Settings settings;

    [[nodiscard]] std::size_t size() const { return bars.size(); }

    /// A gene that counts bars: its whole part.
    [[nodiscard]] std::size_t period(std::size_t gene) const { return static_cast<std::size_t>(genes[gene]); }

    [[nodiscard]] bool is_published() const { return settings.profile == Profile::published; }
};

// The rules, one a seed; docs/trading/strategies.md has their formulas. Their signals may have NaN (nothing
// to say) and values beyond 1.
[[nodiscard]] Series ema_crossover(Input const& in);
[[nodiscard]] Series donchian_breakout(Input const& in);
[[nodiscard]] Series rsi_filter(Input const& in);
[[nodiscard]] Series stochastic_oscillator(Input const& in);
[[nodiscard]] Series sma_trend_filter(Input const& in);
[[nodiscard]] Series atr_stop_loss(Input const& in);
[[nodiscard]] Series ichimoku_cloud(Input const& in);
[[nodiscard]] Series vwap_reversion(Input const& in);
[[nodiscard]] Series volatility_scaling(Input const& in);
[[nodiscard]] Series funding_rate_carry(Input const& in);
[[nodiscard]] Series linear_svc_classifier(Input const& in);
[[nodiscard]] Series pca_tree_quantile(Input const& in);
[[nodiscard]] Series bollinger_reversal(Input const& in);
[[nodiscard]] Series nadaraya_watson(Input const& in);

/// x, but at most `bound`; NaN stays NaN.
[[nodiscard]] inline double at_most(double bound, double x) {
    return x > bound ? bound : x;
}

[[nodiscard]] inline double sign_of(double x) {
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/// Where a crosses b on bar i; never on the first bar.
[[nodiscard]] inline bool crosses_up(View a, View b, std::size_t i) {
    return i > 0 && a[i] > b[i] && a[i - 1] <= b[i - 1];
}

[[nodiscard]] inline bool crosses_down(View a, View b, std::size_t i) {
    return i > 0 && a[i] < b[i] && a[i - 1] >= b[i - 1];
}

}  // namespace vaster::strategies
