#include "domains/trading/strategies/seeds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr auto backtest = GeneUse::backtest;
constexpr auto nothing = GeneUse::nothing;

constexpr std::array ema_crossover{
    Gene{"fast_ema_period", 5, 15, 12},
    Gene{"slow_ema_period", 18, 34, 26},
    Gene{"momentum_threshold", 0.001, 0.05, 0.01, nothing},
    Gene{"signal_strength", 0.1, 1, 0.5},
    Gene{"trend_filter", 0, 0.02, 0.005, nothing},
};

constexpr std::array donchian_breakout{
    Gene{"channel_period", 10, 30, 20},     Gene{"breakout_threshold", 0.001, 0.02, 0.005},
    Gene{"volume_confirmation", 1, 3, 1.5}, Gene{"false_breakout_filter", 2, 10, 4, nothing},
    Gene{"trend_bias", 0, 1, 0.5, nothing},
};

constexpr std::array rsi_filter{
    Gene{"rsi_period", 10, 20, 14},           Gene{"oversold_threshold", 25, 40, 25},
    Gene{"overbought_threshold", 60, 80, 75}, Gene{"operation_mode", 0, 1, 0.7},
    Gene{"divergence_weight", 0, 1, 0.3},
};

constexpr std::array stochastic_oscillator{
    Gene{"k_period", 10, 20, 14},
    Gene{"d_period", 2, 5, 3},
    Gene{"overbought_level", 70, 85, 80},
    Gene{"oversold_level", 15, 30, 20},
    Gene{"divergence_sensitivity", 0, 1, 0.5},
};

constexpr std::array sma_trend_filter{
    Gene{"fast_sma_period", 30, 80, 50},        Gene{"slow_sma_period", 150, 300, 200},
    Gene{"trend_strength_period", 10, 100, 30}, Gene{"filter_sensitivity", 0, 1, 0.7},
    Gene{"momentum_confirmation", 0, 1, 0.5},
};

constexpr std::array atr_stop_loss{
    Gene{"atr_period", 10, 20, 14},
    Gene{"stop_loss_multiplier", 1.2, 2.5, 2, backtest},
    Gene{"trailing_stop_multiplier", 0.3, 3, 1.5, backtest},
    Gene{"position_size_atr_factor", 0.1, 2, 0.5, backtest},
    Gene{"volatility_adjustment", 0, 1, 0.7},
};

constexpr std::array ichimoku_cloud{
    Gene{"tenkan_period", 7, 12, 9},          Gene{"kijun_period", 20, 34, 26},
    Gene{"senkou_span_b_period", 40, 80, 52}, Gene{"cloud_strength_weight", 0, 1, 0.7},
    Gene{"momentum_confirmation", 0, 1, 0.6},
};

constexpr std::array vwap_reversion{
    Gene{"vwap_period", 10, 200, 50},           Gene{"reversion_threshold", 0.008, 0.015, 0.012},
    Gene{"volume_confirmation", 0.5, 2.5, 1.2}, Gene{"deviation_multiplier", 1, 4, 2},
    Gene{"regime_detection_weight", 0, 1, 0.6},
};

constexpr std::array volatility_scaling{
    Gene{"volatility_window", 10, 40, 20},
    Gene{"regime_threshold", 0.8, 2, 1.5},
    Gene{"scaling_factor", 0.2, 0.8, 0.5},
    Gene{"regime_persistence", 2, 10, 5},
    Gene{"multi_timeframe_weight", 0, 1, 0.3},
    Gene{"target_volatility", 0.1, 0.2, 0.15, nothing},
    Gene{"position_base", 0.005, 0.05, 0.02, nothing},
};

constexpr std::array funding_rate_carry{
    Gene{"funding_threshold", -0.005, 0.005, 0.0001},
    Gene{"carry_duration", 1, 72, 8, nothing},
    Gene{"rate_momentum", 0, 1, 0.3},
    Gene{"reversal_sensitivity", 0.1, 1, 0.8},
    Gene{"funding_persistence", 2, 24, 4},
};

constexpr std::array linear_svc_classifier{
    Gene{"lookback_window", 20, 200, 100}, Gene{"feature_count", 3, 15, 8},
    Gene{"regularization", 0.5, 2, 1},     Gene{"ensemble_size", 1, 5, 3},
    Gene{"cross_validation", 3, 10, 5},    Gene{"quantile_bins", 2, 4, 3, nothing},
};

constexpr std::array pca_tree_quantile{
    Gene{"pca_components", 2, 5, 3},      Gene{"tree_depth", 3, 7, 5},
    Gene{"n_estimators", 10, 200, 50},    Gene{"signal_quantile", 0.1, 0.9, 0.7},
    Gene{"feature_window", 50, 500, 200}, Gene{"quantile_bins", 2, 4, 3, nothing},
};

constexpr std::array bollinger_bands{
    Gene{"lookback_period", 10, 40, 20},
    Gene{"volatility_multiplier", 1.5, 2.5, 2},
    Gene{"squeeze_threshold", 0.05, 0.25, 0.15, nothing},
    Gene{"breakout_strength", 0.01, 0.05, 0.02, nothing},
    Gene{"position_scaling_factor", 0.5, 1.5, 1, nothing},
};

constexpr std::array nadaraya_watson{
    Gene{"bandwidth", 5, 40, 20},
    Gene{"kernel_type", 0, 1, 0},
    Gene{"trend_threshold", 0.002, 0.08, 0.01},
    Gene{"smoothing_factor", 0, 1, 0.5, nothing},
    Gene{"volatility_adaptation", 0, 1, 0.5, nothing},
};

constexpr std::array all{
    SeedKind{"EMA_Crossover", "momentum", ema_crossover},
    SeedKind{"Donchian_Breakout", "breakout", donchian_breakout},
    SeedKind{"RSI_Filter", "mean_reversion", rsi_filter},
    SeedKind{"Stochastic_Oscillator", "momentum", stochastic_oscillator},
    SeedKind{"SMA_Trend_Filter", "trend", sma_trend_filter},
    SeedKind{"ATR_Stop_Loss", "risk", atr_stop_loss},
    SeedKind{"Ichimoku_Cloud", "trend", ichimoku_cloud},
    SeedKind{"VWAP_Reversion", "mean_reversion", vwap_reversion},
    SeedKind{"Volatility_Scaling", "volatility", volatility_scaling},
    SeedKind{"Funding_Rate_Carry", "carry", funding_rate_carry},
    SeedKind{"Linear_SVC_Classifier", "machine_learning", linear_svc_classifier},
    SeedKind{"PCA_Tree_Quantile", "machine_learning", pca_tree_quantile},
    SeedKind{"Bollinger_Bands", "mean_reversion", bollinger_bands},
    SeedKind{"Nadaraya_Watson", "trend", nadaraya_watson},
};

}  // namespace

std::span<SeedKind const> seeds() {
    return all;
}

std::optional<SeedIndex> find_seed(std::string_view name) {
    auto const* const found =
        std::find_if(all.begin(), all.end(), [&](SeedKind const& kind) { return kind.name == name; });
    if (found == all.end()) return std::nullopt;
    return static_cast<SeedIndex>(found - all.begin());
}

std::vector<double> default_genes(SeedIndex seed) {
    VASTER_EXPECTS(seed < all.size());
    std::vector<double> genes;
    for (Gene const& gene : all[seed].genes) genes.push_back(gene.default_value);
    return genes;
}

std::vector<double> clamped(SeedIndex seed, std::span<double const> genes) {
    VASTER_EXPECTS(seed < all.size() && genes.size() == all[seed].genes.size());
    std::vector<double> result(genes.begin(), genes.end());
    for (std::size_t i = 0; i < result.size(); ++i) {
        Gene const& gene = all[seed].genes[i];
        result[i] = std::isnan(result[i]) ? gene.default_value : std::clamp(result[i], gene.min, gene.max);
    }
    return result;
}

}  // namespace vaster::strategies
