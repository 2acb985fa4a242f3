#include "domains/trading/strategies/signal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "domains/trading/strategies/rules.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

using Rule = Series (*)(Input const&);

/// In the order of seeds().
constexpr std::array<Rule, 14> rules{
    ema_crossover,         donchian_breakout, rsi_filter,         stochastic_oscillator, sma_trend_filter,
    atr_stop_loss,         ichimoku_cloud,    vwap_reversion,     volatility_scaling,    funding_rate_carry,
    linear_svc_classifier, pca_tree_quantile, bollinger_reversal, nadaraya_watson};

}  // namespace

std::vector<double> signal(SeedIndex seed, std::span<double const> genes, market::Bars const& bars,
                           Settings const& settings) {
    VASTER_EXPECTS(seed < rules.size() && rules.size() == seeds().size());
    std::vector<double> const inside = clamped(seed, genes);
    Series result = rules[seed](Input{bars, inside, settings});
    for (double& x : result) x = std::isnan(x) ? 0 : std::clamp(x, -1.0, 1.0);
    return result;
}

}  // namespace vaster::strategies
