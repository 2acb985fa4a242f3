#include "domains/trading/backtest/positions.hpp"

#include <algorithm>
#include <cmath>

#include "base/stats/summary.hpp"
#include "domains/trading/backtest/prices.hpp"
#include "domains/trading/backtest/simulate.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

/// How large a position may be that is taken at the close of a bar.
class Largest {
  public:
    Largest(Prices const& prices, PositionRule const& rule) : prices_(prices), rule_(rule) {
        if (rule.sizing == Sizing::volatility) returns_ = close_returns(prices.close);
        if (rule.range_risk > 0) ranges_ = mean_true_range(prices);
    }

    [[nodiscard]] double at(std::size_t bar) const { return std::min(by_volatility(bar), by_range(bar)); }

  private:
    [[nodiscard]] double by_volatility(std::size_t bar) const {
        if (rule_.sizing != Sizing::volatility) return rule_.size;
        if (bar < rule_.volatility_bars) return 0;  // the first return is none
        auto const last = std::span(returns_).subspan(bar + 1 - rule_.volatility_bars, rule_.volatility_bars);
        double const sd = stats::summarise(last).sd;
        return sd > 0 ? rule_.size * std::min(1.0, rule_.target_volatility / sd) : rule_.size;
    }

    [[nodiscard]] double by_range(std::size_t bar) const {
        if (ranges_.empty() || ranges_[bar] <= 0) return rule_.size;
        return rule_.range_risk * prices_.close[bar] / ranges_[bar];
    }

    Prices const& prices_;
    PositionRule const& rule_;
    std::vector<double> returns_;  ///< empty where nothing asks for them
    std::vector<double> ranges_;   ///< likewise
};

}  // namespace

std::vector<double> close_returns(std::span<double const> close) {
    std::vector<double> returns(close.size(), 0.0);
    for (std::size_t t = 1; t < close.size(); ++t) returns[t] = close[t] / close[t - 1] - 1;
    return returns;
}

std::vector<double> sides(std::span<double const> signal, double threshold) {
    std::vector<double> result;
    result.reserve(signal.size());
    double side = 0;
    for (double const value : signal) {
        if (value > threshold)
            side = 1;
        else if (value < -threshold)
            side = -1;
        result.push_back(side);
    }
    return result;
}

std::vector<double> targets(std::span<double const> signal, Prices const& prices, PositionRule const& rule) {
    VASTER_EXPECTS(signal.size() == prices.size());
    std::vector<double> result;
    if (rule.sizing == Sizing::signal)
        for (double const value : signal) result.push_back(std::abs(value) > rule.threshold ? value : 0.0);
    else
        result = sides(signal, rule.threshold);
    Largest const largest(prices, rule);
    double held = 0;
    double size = 0;
    for (std::size_t t = 0; t < result.size(); ++t) {
        double const side = result[t] > 0 ? 1 : result[t] < 0 ? -1 : 0;
        if (side != held || size == 0) size = largest.at(t);
        held = side;
        result[t] *= size;
    }
    return result;
}

}  // namespace vaster::backtest
