#include "domains/trading/market/synthetic.hpp"

#include <algorithm>
#include <cmath>

#include "base/stats/samplers.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::market {
namespace {

constexpr std::int64_t hour = 3600;

/// SplitMix64: Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
class SplitMix {
  public:
    explicit SplitMix(std::uint64_t seed) : state_(seed) {}

    double uniform() {
        double const result = static_cast<double>(scramble(state_) >> 11U) * 0x1.0p-53;
        state_ += 0x9e3779b97f4a7c15ULL;
        return result;
    }

  private:
    std::uint64_t state_;
};

void add_bar(Bars& bars, std::int64_t step, double open, double high, double low, double close) {
    bars.times.push_back(synthetic_begin + step * static_cast<std::int64_t>(bars.times.size()));
    bars.open.push_back(open);
    bars.high.push_back(high);
    bars.low.push_back(low);
    bars.close.push_back(close);
}

/// The market's state: which regime it is in, drawn anew before every bar.
class Regimes {
  public:
    explicit Regimes(std::vector<Regime> const& regimes) : regimes_(regimes) {}

    Regime const& next(Random& random) {
        bool const stays = regimes_.size() == 1 || random.uniform() < regimes_[current_].persistence;
        if (!stays) current_ = (current_ + 1 + random.below(regimes_.size() - 1)) % regimes_.size();
        return regimes_[current_];
    }

  private:
    std::vector<Regime> const& regimes_;
    std::size_t current_ = 0;
};

void walk_one_bar(Bars& bars, std::int64_t step, double open, Regime const& regime, Random& random) {
    constexpr int n_steps = 5;
    double const drift = (regime.drift - regime.volatility * regime.volatility / 2) / n_steps;
    double const volatility = regime.volatility / std::sqrt(static_cast<double>(n_steps));
    double price = open;
    double high = open;
    double low = open;
    for (int i = 0; i < n_steps; ++i) {
        price *= std::exp(drift + volatility * stats::sample_normal(random));
        high = std::max(high, price);
        low = std::min(low, price);
    }
    add_bar(bars, step, open, high, low, price);
}

/// Mean return of the last day, that of the bar just added included.
double recent_return(Bars const& bars) {
    std::size_t const n = std::min<std::size_t>(24, bars.size());
    double sum = 0;
    for (std::size_t i = bars.size() - n; i < bars.size(); ++i) sum += bars.close[i] / bars.open[i] - 1;
    return sum / static_cast<double>(n);
}

}  // namespace

Bars golden_series(std::size_t n_bars) {
    Bars bars;
    bars.symbol = "GOLDEN";
    SplitMix draws(42);
    double close = 100;
    for (std::size_t i = 0; i < n_bars; ++i) {
        double const open = close;
        double sum = 0;
        for (int k = 0; k < 4; ++k) sum += draws.uniform();
        close = open * (1 + 0.02 * std::sqrt(3.0) * (sum - 2));
        double const high = std::max(open, close) * (1 + 0.005 * draws.uniform());
        double const low = std::min(open, close) * (1 - 0.005 * draws.uniform());
        add_bar(bars, hour, open, high, low, close);
        bars.volume.push_back(1000 + 4000 * draws.uniform());
        bars.funding.push_back(0.0004 * (draws.uniform() - 0.5));
    }
    return bars;
}

Bars random_walk(Asset const& asset, WalkOptions const& options, std::uint64_t study_seed) {
    VASTER_EXPECTS(!options.regimes.empty() && asset.first_price > 0 && options.step > 0);
    Random random = random_stream(study_seed, "market " + asset.symbol, Purpose::simulate);
    Regimes regimes(options.regimes);
    Bars bars;
    bars.symbol = asset.symbol;
    double price = asset.first_price;
    for (std::size_t i = 0; i < options.n_bars; ++i) {
        walk_one_bar(bars, options.step, price, regimes.next(random), random);
        double const size = std::abs(bars.close.back() / price - 1);
        bars.volume.push_back(std::abs(1e6 + 2e5 * stats::sample_normal(random)) * (1 + 0.5 * size));
        bars.funding.push_back(0.1 * recent_return(bars) + 1e-4 * stats::sample_normal(random));
        price = bars.close.back();
    }
    return bars;
}

}  // namespace vaster::market
