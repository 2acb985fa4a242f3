// Back to the mean price weighted by volume.
#include <algorithm>
#include <cmath>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {
namespace {

class VwapReversion {
  public:
    explicit VwapReversion(Input const& in)
        : in_(in),
          n_(in.size()),
          close_(in.bars.close),
          width_(in.genes[3]),
          line_(volume_weighted_price(in.bars, in.period(0))),
          deviation_(volume_weighted_deviation(in.bars, line_, in.period(0))),
          fast_(volume_weighted_price(in.bars, in.period(0) / 2)),
          slow_(volume_weighted_price(in.bars, in.period(0) * 2)),
          z_(typical_price(in.bars)),
          volume_10_(ratio(in.bars.volume, rolling_mean(in.bars.volume, 10))),
          volume_20_(ratio(in.bars.volume, rolling_mean(in.bars.volume, 20))),
          slope_(rolling_mean(change(line_, 5), 3)),
          above_(rolling_mean(indicator(n_, [&](std::size_t i) { return close_[i] > line_[i]; }), 20)) {
        for (std::size_t i = 0; i < n_; ++i) z_[i] = (z_[i] - line_[i]) / deviation_[i];
        flow_ = relative_change(in.bars.close);
        for (std::size_t i = 0; i < n_; ++i) flow_[i] *= volume_20_[i];
        flow_ = rolling_sum(flow_, 10);
        flow_high_ = rolling_quantile(flow_, 20, 0.7);
        flow_low_ = rolling_quantile(flow_, 20, 0.3);
    }

    [[nodiscard]] double signal(std::size_t i) const {
        double const s = 0.4 * reversion(i) + 0.25 * volume(i) + 0.2 * timeframes(i) + 0.15 * money(i);
        double const weight = in_.genes[4];
        if (!(std::abs(s) > 0.1)) return s;
        double const steep = std::abs(slope_[i]) / deviation_[i];
        if (steep > 0.1 || above_[i] > 0.7 || above_[i] < 0.3) return s * (1 - 0.4 * weight);
        return steep < 0.05 ? s * (1 + 0.3 * weight) : s;
    }

  private:
    /// How many deviations the close lies from the line.
    [[nodiscard]] bool is_beyond(std::size_t i, double deviations) const {
        return deviations > 0 ? close_[i] > line_[i] + deviations * deviation_[i]
                              : close_[i] < line_[i] + deviations * deviation_[i];
    }

    /// What the threshold is held against: the typical price's distance as share of the line. Published: in
    /// deviations, of which one per cent is nothing, so that the threshold never decides.
    [[nodiscard]] double distance(std::size_t i) const {
        return in_.is_published() ? z_[i] : z_[i] * deviation_[i] / line_[i];
    }

    /// 1 where a low price turns up, -1 where a high one turns down.
    [[nodiscard]] int turn(std::size_t i) const {
        if (i == 0) return 0;
        if (distance(i) < -in_.genes[1] && is_beyond(i, -width_) && close_[i] > close_[i - 1]) return 1;
        if (distance(i) > in_.genes[1] && is_beyond(i, width_) && close_[i] < close_[i - 1]) return -1;
        return 0;
    }

    [[nodiscard]] double reversion(std::size_t i) const {
        double const size = std::abs(z_[i]);
        if (is_beyond(i, -1.5 * width_)) return at_most(1, 0.3 * size);
        if (is_beyond(i, 1.5 * width_)) return -at_most(1, 0.3 * size);
        int const side = turn(i);
        return side == 0 ? 0 : side * at_most(0.8, 0.2 * size);
    }

    /// A bar of much volume that moves away from the line: who trades it is large.
    [[nodiscard]] int institution(std::size_t i) const {
        if (!(volume_20_[i] > 1.5)) return 0;
        double const open = in_.bars.open[i];
        if (close_[i] > line_[i] && close_[i] > open) return 1;
        return close_[i] < line_[i] && close_[i] < open ? -1 : 0;
    }

    [[nodiscard]] double volume(std::size_t i) const {
        int const turned = volume_10_[i] > in_.genes[2] ? turn(i) : 0;
        int const large = institution(i);
        int const side = turned < 0 || large < 0 ? -1 : std::max(turned, large);
        return side == 0 ? 0 : side * at_most(0.7, 0.3 * volume_10_[i]);
    }

    /// Below the line yet above those of half and twice the period, on the way back; and mirrored.
    [[nodiscard]] double timeframes(std::size_t i) const {
        if (i < 2 || !(std::abs(z_[i]) > 1.5 && std::abs(z_[i]) < std::abs(z_[i - 2]))) return 0;
        if (close_[i] > fast_[i] && close_[i] > slow_[i] && is_beyond(i, -1)) return 0.6;
        return close_[i] < fast_[i] && close_[i] < slow_[i] && is_beyond(i, 1) ? -0.6 : 0;
    }

    /// Where money flows: returns weighted by volume.
    [[nodiscard]] double money(std::size_t i) const {
        int const large = institution(i);
        if ((large < 0 && is_beyond(i, -width_)) || flow_[i] < flow_low_[i]) return -0.5;
        return (large > 0 && is_beyond(i, width_)) || flow_[i] > flow_high_[i] ? 0.5 : 0;
    }

    Input const& in_;
    std::size_t n_;
    View close_;
    double width_;
    Series line_;
    Series deviation_;
    Series fast_;
    Series slow_;
    Series z_;  ///< typical price's distance from the line in deviations
    Series volume_10_;
    Series volume_20_;
    Series slope_;
    Series above_;
    Series flow_;
    Series flow_high_;
    Series flow_low_;
};

}  // namespace

Series vwap_reversion(Input const& in) {
    VwapReversion const rule(in);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) signal[i] = rule.signal(i);
    return signal;
}

}  // namespace vaster::strategies
