// Trend by two simple averages.
#include <algorithm>
#include <cmath>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {
namespace {

class SmaTrend {
  public:
    explicit SmaTrend(Input const& in)
        : in_(in),
          n_(in.size()),
          close_(in.bars.close),
          fast_(rolling_mean(close_, in.period(0))),
          slow_(rolling_mean(close_, in.period(1))),
          long_(rolling_mean(close_, std::min<std::size_t>(500, 3 * in.period(1)))),
          strength_(trend_strength(close_, fast_, slow_, in.period(2))),
          momentum_(ratio(fast_, slow_)),
          clarity_(rolling_deviation(relative_change(close_), 20)),
          pace_(rolling_mean(relative_change(close_, 5), 3)),
          volume_(ratio(in.bars.volume, rolling_mean(in.bars.volume, 20))) {
        for (double& x : momentum_) x = 100 * (x - 1);
        for (std::size_t i = 0; i < n_; ++i) clarity_[i] = strength_[i] / (clarity_[i] + 0.001);
        usual_clarity_ = rolling_quantile(clarity_, 20, 0.5, 10);
        usual_momentum_ = rolling_mean(momentum_, 10);
        high_momentum_ = rolling_quantile(momentum_, 50, 0.9);
        low_momentum_ = rolling_quantile(momentum_, 50, 0.1);
    }

    [[nodiscard]] double signal(std::size_t i) const {
        double const filter = in_.genes[3];
        int const side = regime(i);
        double const s = 0.4 * (1 - filter) * trend(i, side) + 0.3 * filter * clear(i, side) +
                         0.2 * in_.genes[4] * confirmed(i, side) + 0.1 * reversal(i);
        if (!(std::abs(s) > 0.1)) return s;
        bool const is_above = close_[i] > long_[i];
        return s * ((s > 0) == is_above ? 1.2 : 0.6);
    }

  private:
    /// 1: bull, -1: bear. The published bear market is where nothing speaks for a bull, as before there are
    /// any averages.
    [[nodiscard]] int regime(std::size_t i) const {
        bool const is_known = !std::isnan(slow_[i]) && !std::isnan(fast_[i]);
        if (!is_known && !in_.is_published()) return 0;
        int const votes =
            (close_[i] > fast_[i] ? 1 : 0) + (close_[i] > slow_[i] ? 1 : 0) + (fast_[i] > slow_[i] ? 1 : 0);
        return votes == 3 ? 1 : votes == 0 ? -1 : 0;
    }

    [[nodiscard]] double trend(std::size_t i, int side) const {
        if (i >= 3 && side != 0 && strength_[i] > 0.6) {
            double const fast_slope = side * (fast_[i] - fast_[i - 3]);
            double const slow_slope = side * (slow_[i] - slow_[i - 3]);
            if (fast_slope > 0 && slow_slope > 0) return side * at_most(1, 1.5 * strength_[i]);
        }
        if (!(strength_[i] > 0.3) || (!in_.is_published() && std::isnan(slow_[i]))) return 0;
        double const size = at_most(0.7, 1.2 * strength_[i]);
        if (fast_[i] > slow_[i]) return close_[i] > fast_[i] ? size : 0;
        return close_[i] < fast_[i] ? -size : 0;
    }

    [[nodiscard]] double clear(std::size_t i, int side) const {
        if (strength_[i] > 0.7 && clarity_[i] > usual_clarity_[i]) return 0.9 * side;
        return strength_[i] > 0.4 && side * momentum_[i] > 0.5 ? 0.6 * side : 0;
    }

    [[nodiscard]] double confirmed(std::size_t i, int side) const {
        if (i == 0 || side == 0) return 0;
        if (side * (momentum_[i] - momentum_[i - 1]) > 0 && side * pace_[i] > 0 && volume_[i] > 1)
            return 0.8 * side;
        bool const is_far = 100 * std::abs(close_[i] / fast_[i] - 1) > 1;
        return is_far && side * (momentum_[i] - usual_momentum_[i]) > 0 ? 0.5 * side : 0;
    }

    /// The averages cross, or their distance turns after an extreme.
    [[nodiscard]] double reversal(std::size_t i) const {
        if (i < 3 || !(strength_[i] > 0.3)) return 0;
        bool const is_spent_up = momentum_[i] > high_momentum_[i] && momentum_[i] < momentum_[i - 3];
        bool const is_spent_down = momentum_[i] < low_momentum_[i] && momentum_[i] > momentum_[i - 3];
        if (crosses_down(fast_, slow_, i) || is_spent_up) return -0.7;
        return crosses_up(fast_, slow_, i) || is_spent_down ? 0.7 : 0;
    }

    Input const& in_;
    std::size_t n_;
    View close_;
    Series fast_;
    Series slow_;
    Series long_;
    Series strength_;
    Series momentum_;  ///< [%] distance of the averages
    Series clarity_;
    Series pace_;
    Series volume_;
    Series usual_clarity_;
    Series usual_momentum_;
    Series high_momentum_;
    Series low_momentum_;
};

}  // namespace

Series sma_trend_filter(Input const& in) {
    SmaTrend const rule(in);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) signal[i] = rule.signal(i);
    return signal;
}

}  // namespace vaster::strategies
