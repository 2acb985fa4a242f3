#pragma once

#include <cstddef>
#include <span>

namespace vaster::backtest {

/// What a series of returns says of its Sharpe ratio.
struct SharpeSample {
    double sharpe = 0;    ///< of one bar: mean / population sd; 0 without variation
    double skewness = 0;  ///< third standardised moment, by population moments
    double kurtosis = 3;  ///< fourth; 3 for a normal
    std::size_t n = 0;
};

[[nodiscard]] SharpeSample sharpe_sample(std::span<double const> returns);

/// Probability that the true Sharpe ratio is above a benchmark, from a sample that need not be normal:
///     Phi( (SR - benchmark) root(n - 1) / root(1 - g3 SR + (g4 - 1) / 4 SR^2) )
/// NaN with fewer than two returns. Bailey and Lopez de Prado (2012), doi:10.21314/JOR.2012.255.
[[nodiscard]] double probabilistic_sharpe(SharpeSample const& sample, double benchmark);

/// The best Sharpe ratio to be expected of so many trials without skill:
///     root(variance) ((1 - c) Phi^-1(1 - 1/N) + c Phi^-1(1 - 1/(N e))),  c = 0.5772... (Euler-Mascheroni)
/// 0 for one trial.
/// @param variance  of the trials' Sharpe ratios
[[nodiscard]] double expected_best_sharpe(double variance, std::size_t trials);

/// Deflated Sharpe ratio: the probability that the best of so many trials has a true Sharpe ratio above what
/// the best of as many without skill would show. Bailey and Lopez de Prado (2014),
/// doi:10.3905/jpm.2014.40.5.094.
[[nodiscard]] double deflated_sharpe(SharpeSample const& sample, double variance, std::size_t trials);

}  // namespace vaster::backtest
