#pragma once

#include <vector>

#include "domains/trading/backtest/deflated_sharpe.hpp"
#include "domains/trading/backtest/metrics.hpp"
#include "domains/trading/study/market.hpp"
#include "domains/trading/study/options.hpp"

namespace vaster::trading {

/// An account on some bars, beside the same money that was only held.
struct Played {
    backtest::Metrics metrics;
    backtest::SharpeSample sample;
    backtest::Robustness robustness;
    double hold_return = 0;
    double hold_sharpe = 0;
};

/// What is known of an individual once it has been evaluated.
struct Judgement {
    double fitness = 0;
    Played train;
    Played test;                ///< numbers are missing where nothing is tested
    double placebo_sharpe = 0;  ///< mean over placebos; missing without any
    double placebo_return = 0;
    double score = 0;       ///< of training bars
    double test_score = 0;  ///< with test bars; missing where nothing is tested
    double valid = 0;       ///< 1: reaches all thresholds of training bars
    double test_valid = 0;  ///< 1: those of test bars, too; missing where nothing is tested
    std::size_t bars = 0;   ///< of training
    std::size_t test_bars = 0;
    double seconds = 0;  ///< that it took
};

/// Plays a seed with its genes on the bars of a stage. Fitness comes from training bars alone. Several assets
/// are traded with equal shares of the money.
/// @throws DataError when the seed needs what the bars have not
[[nodiscard]] Judgement judge(EvolveOptions const& options, Stage const& stage, strategies::SeedIndex seed,
                              std::vector<double> const& genes);

}  // namespace vaster::trading
