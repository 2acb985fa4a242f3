// The seeds that follow an oscillator: RSI and stochastic.
#include <algorithm>
#include <cmath>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {
namespace {

/// Where price and oscillator disagree: the price is at its extreme of the last 20 bars, the oscillator is
/// not.
class Divergence {
  public:
    Divergence(View price, View oscillator)
        : price_(price),
          oscillator_(oscillator),
          price_low_(lagged(rolling_min(price, 20), 1)),
          price_high_(lagged(rolling_max(price, 20), 1)),
          oscillator_low_(lagged(rolling_min(oscillator, 20), 1)),
          oscillator_high_(lagged(rolling_max(oscillator, 20), 1)) {}

    [[nodiscard]] bool is_bullish(std::size_t i, double oversold) const {
        return price_[i] <= price_low_[i] && oscillator_[i] > oscillator_low_[i] &&
               oscillator_[i] <= oversold;
    }

    [[nodiscard]] bool is_bearish(std::size_t i, double overbought) const {
        return price_[i] >= price_high_[i] && oscillator_[i] < oscillator_high_[i] &&
               oscillator_[i] >= overbought;
    }

  private:
    View price_;
    View oscillator_;
    Series price_low_;
    Series price_high_;
    Series oscillator_low_;
    Series oscillator_high_;
};

struct Levels {
    double low;
    double high;
};

/// Against the extremes: the further beyond its level, the stronger.
double reversal(double rsi, Levels levels) {
    if (rsi <= levels.low) return at_most(1, (levels.low - rsi) / 20);
    if (rsi >= levels.high) return -at_most(1, (rsi - levels.high) / 20);
    return 0;
}

/// With the trend, where RSI has room to move on.
Series pullbacks(Input const& in, View rsi, Levels levels) {
    Series const fast = rolling_mean(in.bars.close, 10);
    Series const slow = rolling_mean(in.bars.close, 30);
    Series const volume = ratio(in.bars.volume, rolling_mean(in.bars.volume, 20));
    Series const momentum = relative_change(in.bars.close, 5);
    Series const rising = change(rsi);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (!(volume[i] >= 1)) continue;
        double const strength = 10 * std::abs(fast[i] - slow[i]) / slow[i];
        if (fast[i] > slow[i] && rsi[i] > levels.low + 5 && rsi[i] < 50 && rising[i] > 0 && momentum[i] > 0)
            signal[i] = at_most(1, strength * (1 - rsi[i] / 100));
        if (fast[i] < slow[i] && rsi[i] > 50 && rsi[i] < levels.high - 5 && rising[i] < 0 && momentum[i] < 0)
            signal[i] = -at_most(1, strength * rsi[i] / 100);
    }
    return signal;
}

double crossing(View k, View d, std::size_t i, Levels levels, bool may_flip) {
    double strength = 0;
    if (crosses_up(k, d, i)) strength = (levels.low - k[i]) / 20 + 0.3;
    if (crosses_down(k, d, i)) strength = (k[i] - levels.high) / 20 + 0.3;
    strength = at_most(1, may_flip ? strength : std::max(0.0, strength));
    return crosses_down(k, d, i) ? -strength : strength;
}

double zone(double k, Levels levels) {
    if (k <= levels.low) return at_most(0.6, (levels.low - k) / 30 + 0.2);
    if (k >= levels.high) return -at_most(0.6, (k - levels.high) / 30 + 0.2);
    return 0;
}

}  // namespace

Series rsi_filter(Input const& in) {
    Levels const levels{in.genes[1], in.genes[2]};
    double const weight = in.genes[4];
    Series const rsi = filled(relative_strength(in.bars.close, in.period(0), in.settings.indicators), 50);
    Divergence const divergence(in.bars.close, rsi);
    Series signal(in.size());
    if (in.genes[3] > 0.5)
        std::transform(rsi.begin(), rsi.end(), signal.begin(), [&](double x) { return reversal(x, levels); });
    else
        signal = pullbacks(in, rsi, levels);
    if (weight <= 0.1) return signal;
    for (std::size_t i = 0; i < in.size(); ++i) {
        double against = 0;
        if (divergence.is_bullish(i, levels.low)) against = at_most(1, (levels.low - rsi[i]) / 30 + 0.3);
        if (divergence.is_bearish(i, levels.high)) against = -at_most(1, (rsi[i] - levels.high) / 30 + 0.3);
        signal[i] = (1 - weight) * signal[i] + weight * against;
    }
    return signal;
}

Series stochastic_oscillator(Input const& in) {
    std::size_t const n = in.period(0);
    Levels const levels{in.genes[3], in.genes[2]};
    double const sensitivity = in.genes[4];
    Series const k = stochastic_k(in.bars, n);
    Series d = rolling_mean(k, in.period(1));
    if (in.is_published()) d = filled(d, 50);
    Series const faster = stochastic_k(in.bars, std::max<std::size_t>(3, n / 2));
    Series const slower = stochastic_k(in.bars, std::min<std::size_t>(50, 2 * n));
    Divergence const divergence(in.bars.close, k);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        double const against = divergence.is_bearish(i, levels.high)  ? -0.8
                               : divergence.is_bullish(i, levels.low) ? 0.8
                                                                      : 0;
        double s = 0.5 * crossing(k, d, i, levels, in.is_published()) + sensitivity * against +
                   0.5 * (1 - sensitivity) * zone(k[i], levels);
        bool const is_lower_elsewhere = faster[i] < 0.8 * k[i] || slower[i] < 0.8 * k[i];
        bool const is_higher_elsewhere = faster[i] > 1.2 * k[i] || slower[i] > 1.2 * k[i];
        if ((s > 0.1 && is_lower_elsewhere) || (s < -0.1 && is_higher_elsewhere)) s *= 0.7;
        signal[i] = s;
    }
    return signal;
}

}  // namespace vaster::strategies
