// The seeds that follow volatility: ATR and scaling.
#include <algorithm>
#include <cmath>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {
namespace {

/// What the parts of the ATR seed share.
struct AtrParts {
    explicit AtrParts(Input const& in)
        : input(in),
          atr(average_true_range(in.bars, in.period(0), in.settings.indicators)),
          atr_20(rolling_mean(atr, 20)),
          relative(ratio(atr, in.bars.close)),
          returns(relative_change(in.bars.close)),
          high(rolling_max(in.bars.high, 20)),
          low(rolling_min(in.bars.low, 20)),
          high_before(lagged(high, 1)),
          low_before(lagged(low, 1)) {}

    /// Out of the range of 20 bars while ranges are wide: with the move.
    [[nodiscard]] double breakout(std::size_t i) const {
        double const close = input.bars.close[i];
        bool const is_out = close > high_before[i] || close < low_before[i];
        if (!is_out || !(atr[i] > 1.5 * atr_20[i])) return 0;
        return sign_of(returns[i]) * at_most(1, 0.5 * atr[i] / atr_20[i]);
    }

    /// Far out of the range after a large move: against it. The published range has the bar itself in it, so
    /// that no close is beyond.
    [[nodiscard]] Series reversion() const {
        Series const wide = rolling_quantile(relative, 50, 0.8);
        Series const& top = input.is_published() ? high : high_before;
        Series const& bottom = input.is_published() ? low : low_before;
        Series signal(input.size());
        for (std::size_t i = 0; i < input.size(); ++i) {
            if (!(relative[i] > wide[i] && std::abs(returns[i]) > 2 * relative[i])) continue;
            double const close = input.bars.close[i];
            if (close > top[i] + atr[i]) signal[i] = -at_most(0.8, (close - top[i]) / atr[i]);
            if (close < bottom[i] - atr[i]) signal[i] = at_most(0.8, (bottom[i] - close) / atr[i]);
        }
        return signal;
    }

    /// The bar that ends a time of narrow ranges: with its move.
    [[nodiscard]] Series squeeze() const {
        std::size_t const n = input.period(0);
        Series const narrow = ratio(average_true_range(input.bars, n / 2, input.settings.indicators),
                                    average_true_range(input.bars, 2 * n, input.settings.indicators));
        Series const rank = rolling_rank(atr, 50);
        Series const active =
            indicator(input.size(), [&](std::size_t i) { return narrow[i] < 0.8 && rank[i] < 0.2; });
        Series const length = rolling_sum(active, 50);
        Series signal(input.size());
        for (std::size_t i = 1; i < input.size(); ++i)
            if (active[i] == 0 && active[i - 1] == 1)
                signal[i] = sign_of(returns[i]) *
                            at_most(1, 0.3 * (length[i] / 10 + std::abs(returns[i]) / relative[i]));
        return signal;
    }

    Input const& input;
    Series atr;
    Series atr_20;
    Series relative;
    Series returns;
    Series high;
    Series low;
    Series high_before;
    Series low_before;
};

/// Whether volatility has left its usual level for most of the last bars.
Series persistent(Series const& outside, std::size_t n_bars) {
    Series const count = rolling_sum(outside, n_bars);
    std::size_t const half = n_bars / 2;
    return indicator(count.size(), [&](std::size_t i) { return count[i] >= static_cast<double>(half); });
}

/// Factor by which each regime of volatility changes a position.
Series regime_factor(Input const& in, View volatility, std::size_t n) {
    double const threshold = in.genes[1];
    double const factor = in.genes[2];
    Series const usual = filled(rolling_mean(volatility, n), 0.02);
    Series const now = filled(Series(volatility.begin(), volatility.end()), 0.02);
    Series const high = persistent(
        indicator(now.size(), [&](std::size_t i) { return now[i] > threshold * usual[i]; }), in.period(3));
    Series const low = persistent(
        indicator(now.size(), [&](std::size_t i) { return now[i] < usual[i] / threshold; }), in.period(3));
    Series result(now.size(), 1.0);
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (high[i] > 0) result[i] = factor;
        if (low[i] > 0) result[i] = std::min(1 / factor, 2.0);
    }
    return result;
}

}  // namespace

Series atr_stop_loss(Input const& in) {
    AtrParts const parts(in);
    double const adjustment = in.genes[4];
    Series const reversion = parts.reversion();
    Series const squeeze = parts.squeeze();
    Series const wide = rolling_quantile(parts.atr, 100, 0.75);
    Series const narrow = rolling_quantile(parts.atr, 100, 0.25);
    Series const recent = rolling_mean(parts.atr, 5);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        signal[i] = 0.3 * parts.breakout(i) + 0.2 * reversion[i] + 0.3 * squeeze[i];
        if (!(std::abs(signal[i]) > 0.1)) continue;
        if (parts.atr[i] > wide[i]) signal[i] *= 1 - 0.3 * adjustment;
        if (parts.atr[i] < narrow[i]) signal[i] *= 1 + 0.2 * adjustment;
        if (recent[i] > parts.atr_20[i]) signal[i] *= 1 - 0.1 * adjustment;
    }
    return signal;
}

Series volatility_scaling(Input const& in) {
    std::size_t const n = in.period(0);
    double const weight = in.genes[4];
    Series const returns = relative_change(in.bars.close);
    Series const volatility = rolling_deviation(returns, n);
    Series const jump = change(volatility);
    Series const large_jump = rolling_quantile(jump, 20, 0.8);
    Series const against_day = filled(ratio(volatility, rolling_deviation(returns, 24)), 1);
    Series const range =
        filled(ratio(average_true_range(in.bars, n, in.settings.indicators), in.bars.close), 0.02);
    Series const wide_range = rolling_quantile(range, 50, 0.8);
    Series const momentum = relative_change(in.bars.close, 5);
    Series signal = regime_factor(in, volatility, n);
    for (std::size_t i = 0; i < in.size(); ++i) {
        double k = signal[i];
        if (jump[i] > large_jump[i]) k *= 0.7;
        if (weight > 0.1 && against_day[i] > 1.2) k *= 1 - 0.3 * weight;
        if (weight > 0.1 && against_day[i] < 0.8) k *= 1 + 0.2 * weight;
        if (range[i] > wide_range[i]) k *= 0.8;
        signal[i] = 0.7 * std::clamp(k - 1, -0.9, 1.0) + 3 * std::clamp(momentum[i], -0.1, 0.1);
    }
    return signal;
}

}  // namespace vaster::strategies
