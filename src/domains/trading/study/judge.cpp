#include "domains/trading/study/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "base/support/clock.hpp"
#include "domains/trading/backtest/published.hpp"
#include "domains/trading/study/space.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::trading {
namespace {

using Series = std::vector<double>;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Adds the account of one of n assets to the account of all.
void add_share(backtest::Account& all, backtest::Account const& one, double n) {
    all.returns.resize(one.returns.size(), 0.0);
    all.position.resize(one.position.size(), 0.0);
    for (std::size_t t = 0; t < one.returns.size(); ++t) {
        all.returns[t] += one.returns[t] / n;
        all.position[t] += one.position[t] / n;
    }
    all.trades.insert(all.trades.end(), one.trades.begin(), one.trades.end());
    all.turnover += one.turnover / n;
    all.costs += one.costs / n;
}

/// What is traded: a seed with its genes, and how: with the rules that are genes.
struct Strategy {
    strategies::SeedIndex seed = 0;
    Series const& genes;
    backtest::PositionRule position;
    backtest::TradingRules trading;
};

Strategy strategy_of(EvolveOptions const& options, strategies::SeedIndex seed, Series const& genes) {
    Strategy strategy{seed, genes, options.position, options.trading};
    if (options.signal.profile == strategies::Profile::published) return strategy;
    auto const declared = strategies::seeds()[seed].genes;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        if (declared[i].name == "stop_loss_multiplier") strategy.trading.stop_loss_atr = genes[i];
        if (declared[i].name == "trailing_stop_multiplier") strategy.trading.trailing_stop_atr = genes[i];
        if (declared[i].name == "position_size_atr_factor") strategy.position.range_risk = genes[i] / 100;
    }
    return strategy;
}

std::vector<Series> signals_on(EvolveOptions const& options, Assets const& assets, Strategy const& strategy) {
    std::vector<Series> signals;
    for (auto const& bars : assets)
        signals.push_back(strategies::signal(strategy.seed, strategy.genes, bars, options.signal));
    return signals;
}

/// Plays the bars [range) of all assets.
Played play(EvolveOptions const& options, Strategy const& strategy, Assets const& assets,
            std::vector<Series> const& signals, backtest::Range const& range) {
    auto const n = static_cast<double>(assets.size());
    backtest::Account account;
    Series index(range.size(), 0.0);
    for (std::size_t i = 0; i < assets.size(); ++i) {
        market::Bars const& bars = assets[i];
        backtest::Prices const all{bars.open, bars.high, bars.low, bars.close};
        auto const prices = all.part(range.begin, range.size());
        auto const wishes = backtest::targets(signals[i], all, strategy.position);
        add_share(account,
                  backtest::simulate(prices, std::span(wishes).subspan(range.begin, range.size()),
                                     strategy.trading),
                  n);
        for (std::size_t t = 0; t < range.size(); ++t) index[t] += prices.close[t] / prices.close[0] / n;
    }
    double const periods = options.data.periods();
    Played played;
    played.metrics = backtest::measure(account, index, periods);
    played.sample = backtest::sharpe_sample(account.returns);
    played.robustness = backtest::robustness(account.returns, options.validation.parts, periods);
    played.hold_return = index.back() / index.front() - 1;
    played.hold_sharpe = backtest::bar_sharpe(backtest::close_returns(index)) * std::sqrt(periods);
    return played;
}

Played not_played() {
    Played played;
    auto& metrics = played.metrics;
    metrics.sharpe = metrics.total_return = metrics.max_drawdown = metrics.trades = missing;
    metrics.volatility = metrics.consistency = missing;
    played.hold_return = played.hold_sharpe = missing;
    return played;
}

/// The mean of what an earlier system would have said, over the assets.
template <class Say>
double mean_over(Assets const& assets, std::vector<Series> const& signals, std::size_t n_bars,
                 Say const& say) {
    double sum = 0;
    for (std::size_t i = 0; i < assets.size(); ++i)
        sum += say(std::span(signals[i]).first(n_bars), std::span(assets[i].close).first(n_bars));
    return sum / static_cast<double>(assets.size());
}

double published_fitness(EvolveOptions const& options, Stage const& stage,
                         std::vector<Series> const& signals) {
    using Numbers = std::span<double const>;
    auto const earning =
        options.measure == Measure::pool ? backtest::Earning::same_bar : backtest::Earning::next_bar;
    return mean_over(stage.bars, signals, stage.n_train, [&](Numbers signal, Numbers close) {
        if (options.measure == Measure::weighted_published)
            return backtest::weighted_fitness(signal, close, backtest::DrawdownSign::rewarded).weighted;
        return backtest::pool_result(signal, close, options.pool_threshold, earning).fitness;
    });
}

double fitness_of(EvolveOptions const& options, Stage const& stage, std::vector<Series> const& signals,
                  backtest::Metrics const& metrics) {
    double const win_rate = metrics.trades > 0 ? metrics.win_rate : 0;
    switch (options.measure) {
        case Measure::sharpe:
            return metrics.sharpe;
        case Measure::weighted:
            return metrics.sharpe + 0.3 * metrics.consistency - metrics.max_drawdown + 0.5 * win_rate;
        case Measure::composite:
            return 0.5 * std::clamp(metrics.sharpe / 5, 0.0, 1.0) +
                   0.3 * std::max(0.0, 1 - metrics.max_drawdown) + 0.15 * win_rate +
                   0.05 * metrics.consistency;
        case Measure::pool:
        case Measure::pool_lagged:
        case Measure::weighted_published:
            return published_fitness(options, stage, signals);
    }
    return missing;
}

void play_placebos(EvolveOptions const& options, Stage const& stage, Strategy const& strategy,
                   Judgement& judgement) {
    auto const n = static_cast<double>(stage.placebos.size());
    if (stage.placebos.empty()) judgement.placebo_sharpe = judgement.placebo_return = missing;
    for (auto const& assets : stage.placebos) {
        auto const played =
            play(options, strategy, assets, signals_on(options, assets, strategy), {0, stage.n_train});
        judgement.placebo_sharpe += played.metrics.sharpe / n;
        judgement.placebo_return += played.metrics.total_return / n;
    }
}

void validate(EvolveValidation const& validation, Judgement& judgement) {
    auto const& trained = judgement.train.metrics;
    auto const& tested = judgement.test.metrics;
    bool const is_good = backtest::passes(validation.training_thresholds, trained);
    judgement.score = backtest::score(trained);
    judgement.valid = is_good && judgement.score >= validation.least_score ? 1 : 0;
    judgement.test_score = judgement.test_valid = missing;
    if (judgement.test_bars == 0) return;
    judgement.test_score = backtest::score(trained, tested);
    bool const stays_good = is_good && backtest::passes(validation.test_thresholds, tested);
    judgement.test_valid = stays_good && judgement.test_score >= validation.least_score ? 1 : 0;
}

}  // namespace

Judgement judge(EvolveOptions const& options, Stage const& stage, strategies::SeedIndex seed,
                std::vector<double> const& genes) {
    double const begin = monotonic_seconds();
    auto const strategy = strategy_of(options, seed, genes);
    auto const signals = signals_on(options, stage.bars, strategy);
    Judgement judgement;
    judgement.bars = stage.n_train;
    judgement.test_bars = stage.size() - stage.test_begin;
    judgement.train = play(options, strategy, stage.bars, signals, {0, stage.n_train});
    judgement.fitness = fitness_of(options, stage, signals, judgement.train.metrics);
    judgement.test = judgement.test_bars > 0
                         ? play(options, strategy, stage.bars, signals, {stage.test_begin, stage.size()})
                         : not_played();
    play_placebos(options, stage, strategy, judgement);
    validate(options.validation, judgement);
    judgement.seconds = monotonic_seconds() - begin;
    return judgement;
}

}  // namespace vaster::trading
