#include "domains/trading/backtest/deflated_sharpe.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "base/stats/distributions.hpp"

namespace vaster::backtest {

SharpeSample sharpe_sample(std::span<double const> returns) {
    SharpeSample sample;
    sample.n = returns.size();
    if (returns.size() < 2) return sample;
    auto const n = static_cast<double>(returns.size());
    double mean = 0;
    for (double const change : returns) mean += change / n;
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (double const change : returns) {
        double const off = change - mean;
        second += off * off / n;
        third += off * off * off / n;
        fourth += off * off * off * off / n;
    }
    if (!(second > 0)) return sample;
    sample.sharpe = mean / std::sqrt(second);
    sample.skewness = third / std::pow(second, 1.5);
    sample.kurtosis = fourth / (second * second);
    return sample;
}

double probabilistic_sharpe(SharpeSample const& sample, double benchmark) {
    if (sample.n < 2) return std::numeric_limits<double>::quiet_NaN();
    double const sharpe = sample.sharpe;
    double const variance = 1 - sample.skewness * sharpe + (sample.kurtosis - 1) / 4 * sharpe * sharpe;
    return stats::normal_cdf((sharpe - benchmark) * std::sqrt(static_cast<double>(sample.n - 1)) /
                             std::sqrt(variance));
}

double expected_best_sharpe(double variance, std::size_t trials) {
    if (trials < 2) return 0;
    auto const n = static_cast<double>(trials);
    constexpr double euler = std::numbers::egamma;
    // Upper quantiles from the lower tail, where they keep their digits.
    double const best = -stats::normal_quantile(1 / n);
    double const beyond = -stats::normal_quantile(1 / (n * std::numbers::e));
    return std::sqrt(variance) * ((1 - euler) * best + euler * beyond);
}

double deflated_sharpe(SharpeSample const& sample, double variance, std::size_t trials) {
    return probabilistic_sharpe(sample, expected_best_sharpe(variance, trials));
}

}  // namespace vaster::backtest
