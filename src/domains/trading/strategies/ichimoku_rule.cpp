// Ichimoku's cloud.
#include <cmath>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/rules.hpp"

namespace vaster::strategies {
namespace {

constexpr double flip_is_old = 26;  ///< bars after which a cloud's colour is settled

/// std::fmax and std::fmin take the number where one of two is missing: before its second edge is there, a
/// cloud is as thin as a line.
class Ichimoku {
  public:
    explicit Ichimoku(Input const& in)
        : in_(in),
          n_(in.size()),
          close_(in.bars.close),
          tenkan_(middle_of_range(in.bars, in.period(0))),
          kijun_(middle_of_range(in.bars, in.period(1))),
          first_(n_),
          top_(n_),
          bottom_(n_),
          strength_(n_),
          agreement_(n_) {
        for (std::size_t i = 0; i < n_; ++i) first_[i] = (tenkan_[i] + kijun_[i]) / 2;
        first_ = lagged(first_, in.period(1));
        second_ = lagged(middle_of_range(in.bars, in.period(2)), in.period(1));
        Series const middle = middle_of_range(in.bars, 18);
        Series const far = middle_of_range(in.bars, 52);
        double since_flip = 0;
        for (std::size_t i = 0; i < n_; ++i) {
            top_[i] = std::fmax(first_[i], second_[i]);
            bottom_[i] = std::fmin(first_[i], second_[i]);
            since_flip = i > 0 && is_green(i) == is_green(i - 1) ? since_flip + 1 : 0;
            double const thickness = 100 * std::abs(first_[i] - second_[i]) / close_[i];
            strength_[i] = (thickness + at_most(1, since_flip / flip_is_old)) / 2;
            agreement_[i] = is_green(i) == (middle[i] > far[i]) ? 1 : 0;
        }
        agreement_ = rolling_mean(agreement_, 10);
    }

    [[nodiscard]] double signal(std::size_t i) const {
        double const weight = in_.genes[3];
        double const confirmation = in_.genes[4];
        double s = 0.25 * crossing(i) + 0.35 * weight * breakout(i) + 0.25 * confirmation * slopes(i) +
                   0.15 * (1 - weight) * alignment(i);
        if (std::abs(s) > 0.1 && agreement_[i] > 0.7) return 1.2 * s;
        if (std::abs(s) > 0.1 && agreement_[i] < 0.3) return 0.6 * s;
        return s;
    }

  private:
    [[nodiscard]] bool is_green(std::size_t i) const { return first_[i] > second_[i]; }

    /// Tenkan crosses kijun in the cloud's direction, or a bar comes back from kijun.
    [[nodiscard]] double crossing(std::size_t i) const {
        double const strong = at_most(0.8, 0.5 + strength_[i]);
        double const weak = at_most(0.6, 0.3 + strength_[i]);
        if (is_green(i)) {
            if (crosses_up(tenkan_, kijun_, i)) return strong;
            return in_.bars.low[i] <= kijun_[i] && close_[i] > kijun_[i] ? weak : 0;
        }
        if (crosses_down(tenkan_, kijun_, i)) return -strong;
        return in_.bars.high[i] >= kijun_[i] && close_[i] < kijun_[i] ? -weak : 0;
    }

    /// 1 above the cloud, -1 below, 0 inside.
    [[nodiscard]] int side(std::size_t i) const {
        return close_[i] > top_[i] ? 1 : close_[i] < bottom_[i] ? -1 : 0;
    }

    /// The first close beyond the cloud.
    [[nodiscard]] double breakout(std::size_t i) const {
        int const now = side(i);
        if (now == 0 || (i > 0 && side(i - 1) == now)) return 0;
        double const thickness = 100 * std::abs(first_[i] - second_[i]) / close_[i];
        bool const is_strong = strength_[i] > 0.5 && thickness > 1;
        return now * (is_strong ? at_most(1, 0.7 + 0.3 * strength_[i]) : 0.5);
    }

    /// Both lines go where tenkan already is.
    [[nodiscard]] double slopes(std::size_t i) const {
        if (i < 3) return 0;
        double const tenkan_slope = tenkan_[i] - tenkan_[i - 3];
        double const kijun_slope = kijun_[i] - kijun_[i - 3];
        if (tenkan_slope > 0 && kijun_slope > 0 && tenkan_[i] > kijun_[i])
            return close_[i] > 1.02 * tenkan_[i] && close_[i] > 1.02 * kijun_[i] ? 0.9 : 0.6;
        if (tenkan_slope < 0 && kijun_slope < 0 && tenkan_[i] < kijun_[i])
            return close_[i] < 0.98 * tenkan_[i] && close_[i] < 0.98 * kijun_[i] ? -0.9 : -0.6;
        return 0;
    }

    /// The line that lags behind: where the close is now beside that of kijun's period ago. The published one
    /// compares the future close with itself, and never speaks.
    [[nodiscard]] double lagging(std::size_t i) const {
        std::size_t const back = in_.period(1);
        return in_.is_published() || i < back ? 0 : sign_of(close_[i] - close_[i - back]);
    }

    [[nodiscard]] double alignment(std::size_t i) const {
        if (close_[i] > tenkan_[i] && close_[i] > kijun_[i] && tenkan_[i] > kijun_[i])
            return side(i) > 0 && lagging(i) > 0 ? 0.8 : 0.5;
        if (close_[i] < tenkan_[i] && close_[i] < kijun_[i] && tenkan_[i] < kijun_[i])
            return side(i) < 0 && lagging(i) < 0 ? -0.8 : -0.5;
        return 0;
    }

    Input const& in_;
    std::size_t n_;
    View close_;
    Series tenkan_;
    Series kijun_;
    Series first_;  ///< leading edges of the cloud, from kijun's period ago
    Series second_;
    Series top_;
    Series bottom_;
    Series strength_;
    Series agreement_;  ///< share of 10 bars on which the cloud's colour is that of longer middles
};

}  // namespace

Series ichimoku_cloud(Input const& in) {
    Ichimoku const rule(in);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) signal[i] = rule.signal(i);
    return signal;
}

}  // namespace vaster::strategies
