#include "vaster/backtest/positions.hpp"

#include <algorithm>
#include <cmath>

#include "vaster/backtest/prices.hpp"
#include "vaster/stats/summary.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

/// Largest position at a bar whose last changes scattered as they did.
double size_by_volatility(std::span<double const> returns, std::size_t bar, PositionRule const& rule) {
    if (bar < rule.volatility_bars) return 0;  // the first return is none
    double const sd =
        stats::summarise(returns.subspan(bar + 1 - rule.volatility_bars, rule.volatility_bars)).sd;
    return sd > 0 ? rule.size * std::min(1.0, rule.target_volatility / sd) : rule.size;
}

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

std::vector<double> targets(std::span<double const> signal, std::span<double const> returns,
                            PositionRule const& rule) {
    VASTER_EXPECTS(signal.size() == returns.size());
    std::vector<double> result;
    if (rule.sizing == Sizing::signal) {
        result.reserve(signal.size());
        for (double const value : signal)
            result.push_back(std::abs(value) > rule.threshold ? rule.size * value : 0.0);
        return result;
    }
    result = sides(signal, rule.threshold);
    double held = 0;
    double size = rule.size;
    for (std::size_t t = 0; t < result.size(); ++t) {
        double const side = result[t];
        // The size is found when the side is taken, not anew with every bar.
        if (rule.sizing == Sizing::volatility && (side != held || size == 0))
            size = size_by_volatility(returns, t, rule);
        held = side;
        result[t] = side * size;
    }
    return result;
}

}  // namespace vaster::backtest
