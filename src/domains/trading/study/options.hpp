#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/evolution/settings.hpp"
#include "domains/trading/backtest/positions.hpp"
#include "domains/trading/backtest/simulate.hpp"
#include "domains/trading/backtest/validation.hpp"
#include "domains/trading/backtest/windows.hpp"
#include "domains/trading/market/csv.hpp"
#include "domains/trading/market/storage.hpp"
#include "domains/trading/strategies/signal.hpp"
#include "vaster/study/config.hpp"

/// The keys of an evolution of strategies, their checks, and their values as the rooms below know them.
namespace vaster::trading {

/// What an individual is judged by.
enum class Measure : std::uint8_t { sharpe, weighted, composite, pool, pool_lagged, weighted_published };

/// Where bars come from when there is no file.
enum class Simulated : std::uint8_t { golden, walk, regimes };

struct EvolveData {
    std::string path;                                  ///< empty: simulated
    market::Backend backend = market::Backend::local;  ///< where bars are kept
    market::Gaps gaps = market::Gaps::refuse;
    Simulated simulated = Simulated::golden;
    std::size_t bars = 1000;
    std::vector<std::string> symbols;  ///< empty: all of a file; BTC where bars are made
    std::int64_t step_seconds = 3600;
    double drift = 0;
    double volatility = 0.02;

    [[nodiscard]] double periods() const;  ///< bars a year
};

struct EvolveValidation {
    std::size_t windows = 1;
    double train_share = 0.7;  ///< 1: nothing is tested
    std::size_t gap = 0;
    backtest::Training training = backtest::Training::anchored;
    std::size_t placebos = 1;
    std::size_t parts = 3;  ///< of the training bars, whose Sharpe ratios are compared
    backtest::Thresholds training_thresholds;
    backtest::TestThresholds test_thresholds;
    double least_score = 0.7;
};

struct EvolveOptions {
    std::uint64_t seed = 42;
    EvolveData data;
    std::vector<std::string> seed_names;  ///< as they were given, perhaps twice
    std::vector<std::size_t> seeds;       ///< strategies::SeedIndex of those that evolve
    bool default_founders = true;         ///< each seed with default genes is in the first generation
    strategies::Settings signal;
    evolution::Settings evolution;
    Measure measure = Measure::sharpe;
    double pool_threshold = 0.5;
    std::vector<std::string> objectives;  ///< names of result columns, with a minus where less is better
    backtest::PositionRule position;
    backtest::TradingRules trading;
    EvolveValidation validation;
};

[[nodiscard]] std::vector<study::KeyTable> evolve_tables();

/// @throws ConfigError for a seed that does not exist
[[nodiscard]] EvolveOptions evolve_options(study::Config const& config);

[[nodiscard]] std::vector<std::string> evolve_problems(study::Config const& config);

}  // namespace vaster::trading
