// The seeds that compare the close with one or two lines.
#include <algorithm>
#include <cmath>
#include <limits>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {

Series ema_crossover(Input const& in) {
    std::size_t const slow_span = in.period(1);
    std::size_t const fast_span =
        in.period(0) < slow_span ? in.period(0) : std::max<std::size_t>(5, slow_span - 5);
    double const strength = in.genes[3];
    Series const fast = exponential_average(in.bars.close, fast_span, in.settings.indicators);
    Series const slow = exponential_average(in.bars.close, slow_span, in.settings.indicators);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (crosses_up(fast, slow, i) || fast[i] > 1.005 * slow[i]) signal[i] = strength;
        if (crosses_down(fast, slow, i) || fast[i] < 0.995 * slow[i]) signal[i] = -strength;
    }
    return signal;
}

Series donchian_breakout(Input const& in) {
    double const threshold = in.genes[1];
    double const wanted_volume = in.genes[2];
    Series const high = lagged(rolling_max(in.bars.close, in.period(0)), 1);
    Series const low = lagged(rolling_min(in.bars.close, in.period(0)), 1);
    Series const usual = rolling_mean(in.bars.volume, 20);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        // Published: the threshold is a price; corrected: a share of it.
        double const above = in.is_published() ? high[i] + threshold : high[i] * (1 + threshold);
        double const below = in.is_published() ? low[i] - threshold : low[i] * (1 - threshold);
        if (wanted_volume > 2 && !(in.bars.volume[i] / usual[i] >= wanted_volume)) continue;
        if (in.bars.close[i] > above) signal[i] = 1;
        if (in.bars.close[i] < below) signal[i] = -1;
    }
    return signal;
}

Series bollinger_reversal(Input const& in) {
    Bands const bands = bollinger_bands(in.bars.close, in.period(0), in.genes[1], in.settings.indicators);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        double const place = (in.bars.close[i] - bands.lower[i]) / (bands.upper[i] - bands.lower[i]);
        if (place >= 0 && place < 0.2) signal[i] = 1;
        if (place < 0 || place > 0.8) signal[i] = -1;
    }
    return signal;
}

Series nadaraya_watson(Input const& in) {
    Kernel const kernel = in.genes[1] < 0.5 ? Kernel::gauss : Kernel::epanechnikov;
    double const steepest = 2 * in.genes[2];
    Series const line = kernel_average(in.bars.close, in.genes[0], kernel);
    Series signal(in.size());
    for (std::size_t i = 1; i < in.size(); ++i) {
        double const slope = std::abs(line[i] - line[i - 1]) / in.bars.close[i];
        signal[i] = in.bars.close[i] > line[i] && slope <= steepest ? 1 : -1;
    }
    return signal;
}

}  // namespace vaster::strategies
