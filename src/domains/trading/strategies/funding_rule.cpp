// The seed that is paid for holding the side that the market pays.
#include <cmath>

#include "domains/trading/strategies/rules.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::strategies {

Series funding_rate_carry(Input const& in) {
    View const rate = in.bars.funding;
    require<DataError>(rate.size() == in.size(),
                       "seed Funding_Rate_Carry needs funding rates, and '{}' has none: add a column "
                       "funding_rate or leave out the seed",
                       in.bars.symbol);
    double const threshold = in.genes[0];
    bool const follows_trend = in.genes[2] > 0.3;
    std::size_t const n = in.period(4);
    Series const deviation = rolling_deviation(rate, 24);
    Series const rank = rolling_rank(rate, 168);
    Series const day = rolling_mean(rate, 24);
    Series const shift = rolling_mean(rate, 8);
    Series const above = rolling_sum(indicator(in.size(), [&](std::size_t i) { return rate[i] > 0; }), n);
    Series const below = rolling_sum(indicator(in.size(), [&](std::size_t i) { return rate[i] < 0; }), n);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        double const trend = shift[i] - day[i];
        bool const is_high = rate[i] > 0.5 * threshold && (above[i] >= 2 || (follows_trend && trend > 0));
        bool const is_low = rate[i] < -0.5 * threshold && (below[i] >= 2 || (follows_trend && trend < 0));
        double const size = rank[i] > 0.9 || rank[i] < 0.1 ? 1 : 0.5;
        if (rate[i] > threshold || is_high) signal[i] = -size;
        if (rate[i] < -threshold || is_low) signal[i] = size;
        bool const is_turning = i > 0 && std::abs(rate[i] - rate[i - 1]) / deviation[i] > in.genes[3];
        if (is_turning || std::abs(rate[i]) < 0.3 * threshold) signal[i] = 0;
    }
    return signal;
}

}  // namespace vaster::strategies
