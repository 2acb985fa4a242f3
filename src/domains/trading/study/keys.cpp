// The keys of an evolution.
#include "domains/trading/study/names.hpp"
#include "domains/trading/study/options.hpp"

namespace vaster::trading {
namespace {

using Texts = std::vector<std::string>;

Texts seed_names() {
    Texts names;
    for (auto const& seed : strategies::seeds()) names.emplace_back(seed.name);
    return names;
}

study::KeyTable data_table() {
    EvolveData const standard;
    return {
        "data",
        "The bars",
        {
            {.name = "path",
             .standard = "",
             .doc =
                 "bars: a CSV file (.csv) with timestamp, open, high, low, close, volume and perhaps symbol, "
                 "funding_rate; or a market file (HDF5); empty: made-up bars",
             .effect = Effect::operation,
             .flag = "--data"},
            {.name = "backend",
             .standard = "local",
             .doc = "where the bars are kept: local: in the study file, so that --resume needs no other; "
                    "shared: in data.path, which all ranks read",
             .choices = words(backends()),
             .effect = Effect::operation},
            {.name = "gaps",
             .standard = "refuse",
             .doc = "bars of a CSV file that are further apart than elsewhere: an error, or allowed",
             .choices = words(gap_rules())},
            {.name = "simulated",
             .standard = "golden",
             .doc = "golden: the series of the published numbers; walk: a geometric random walk; regimes: "
                    "calm, trending and wild times by turns",
             .choices = words(simulations())},
            {.name = "bars",
             .standard = static_cast<std::int64_t>(standard.bars),
             .doc = "how many bars of each made-up asset",
             .bounds = {.at_least = 100, .at_most = 100000000}},
            {.name = "symbols",
             .standard = Texts{},
             .doc = "assets: each individual trades all of them, with equal shares; empty: all of the file, "
                    "or one made-up asset"},
            {.name = "timeframe",
             .standard = "1h",
             .doc = "length of a bar; bars of a file are joined to longer ones if need be",
             .choices = words(timeframes())},
            {.name = "drift",
             .standard = standard.drift,
             .doc = "mean return of a made-up bar",
             .bounds = {.at_least = -0.1, .at_most = 0.1}},
            {.name = "volatility",
             .standard = standard.volatility,
             .doc = "standard deviation of the return of a made-up bar",
             .bounds = {.above = 0, .at_most = 0.5}},
        }};
}

study::KeyTable strategies_table() {
    return {
        "strategies",
        "What evolves",
        {
            {.name = "seeds",
             .standard = seed_names(),
             .doc = "kinds of strategy; individuals mate within theirs",
             .choices = seed_names()},
            {.name = "profile",
             .standard = "corrected",
             .doc =
                 "corrected: no signal sees later bars; published: with the faults of an earlier system, to "
                 "meet its numbers",
             .choices = words(profiles())},
            {.name = "indicators",
             .standard = "standard",
             .doc = "standard, or talib: averages as TA-Lib has them",
             .choices = words(indicators())},
            {.name = "defaults",
             .standard = true,
             .doc = "is each seed with its default genes in the first generation, as far as there is room?"},
        }};
}

study::KeyTable evolution_table() {
    evolution::Settings const standard;
    auto const count = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    Bounds const share{.at_least = 0, .at_most = 1};
    return {"evolution",
            "How it evolves",
            {
                {.name = "population",
                 .standard = count(standard.population),
                 .doc = "individuals of a generation, of all islands together",
                 .bounds = {.at_least = 2, .at_most = 1000000}},
                {.name = "generations",
                 .standard = count(standard.generations),
                 .doc = "with the first, which is drawn at random",
                 .bounds = {.at_least = 1, .at_most = 100000}},
                {.name = "islands",
                 .standard = count(standard.islands),
                 .doc = "populations that evolve side by side",
                 .bounds = {.at_least = 1, .at_most = 10000}},
                {.name = "survival",
                 .standard = "elite",
                 .doc = "elite: the best few live on beside the newborn; pareto: the best of both by several "
                        "objectives (NSGA-II)",
                 .choices = words(survivals())},
                {.name = "elite",
                 .standard = standard.elite,
                 .doc = "share of an island that lives on, not evaluated again",
                 .bounds = share},
                {.name = "tournament",
                 .standard = count(standard.tournament),
                 .doc = "individuals of which the best becomes a parent",
                 .bounds = {.at_least = 1, .at_most = 1000000}},
                {.name = "crossover_chance",
                 .standard = standard.crossover_chance,
                 .doc = "of a child to have two parents",
                 .bounds = share},
                {.name = "crossover_reach",
                 .standard = standard.crossover_reach,
                 .doc = "how far beyond its parents a child may lie, as share of their distance",
                 .bounds = share},
                {.name = "mutation_chance",
                 .standard = standard.mutation_chance,
                 .doc = "of a child to be mutated; a copy of its parent always is",
                 .bounds = share},
                {.name = "gene_chance",
                 .standard = standard.gene_chance,
                 .doc = "of each gene of such a child; one gene always is",
                 .bounds = share},
                {.name = "mutation_step",
                 .standard = standard.mutation_step,
                 .doc = "standard deviation of a mutation, as share of the gene's range",
                 .bounds = {.above = 0, .at_most = 1}},
                {.name = "adaptation",
                 .standard = "none",
                 .doc = "mutation becomes stronger with stagnation or with the loss of diversity",
                 .choices = words(adaptations())},
                {.name = "migration_interval",
                 .standard = count(standard.migration_interval),
                 .doc = "generations from one migration between islands to the next; 0: never",
                 .bounds = {.at_least = 0, .at_most = 100000}},
                {.name = "migrants",
                 .standard = count(standard.migrants),
                 .doc = "the best so many of each island go to the next one, too",
                 .bounds = {.at_least = 1, .at_most = 100000}},
                {.name = "stagnation_limit",
                 .standard = count(standard.stagnation_limit),
                 .doc = "ends after so many generations without a better individual; 0: never",
                 .bounds = {.at_least = 0, .at_most = 100000}},
                {.name = "least_success",
                 .standard = standard.least_success,
                 .doc = "ends when a smaller share of a generation could be evaluated",
                 .bounds = share},
            }};
}

study::KeyTable fitness_table() {
    return {
        "fitness",
        "What an individual is judged by, on training bars alone",
        {
            {.name = "measure",
             .standard = "sharpe",
             .doc = "of the back-test after costs: sharpe, weighted, composite; of an earlier system, "
                    "without costs: "
                    "pool (looks ahead), pool_lagged, weighted_published (rewards drawdowns)",
             .choices = words(measures())},
            {.name = "pool_threshold",
             .standard = 0.5,
             .doc = "signals must be beyond it: pool and pool_lagged",
             .bounds = {.at_least = 0, .below = 1}},
            {.name = "objectives",
             .standard = Texts{"sharpe", "-max_drawdown", "-turnover"},
             .doc = "columns of the results for survival = \"pareto\", with a minus where less is better"},
        }};
}

study::KeyTable backtest_table() {
    backtest::PositionRule const position;
    backtest::TradingRules const trading;
    Bounds const share{.at_least = 0, .below = 1};
    return {
        "backtest",
        "How signals are traded",
        {
            {.name = "threshold",
             .standard = position.threshold,
             .doc = "a signal must be beyond it, in either direction, to be followed",
             .bounds = share},
            {.name = "sizing",
             .standard = "fixed",
             .doc =
                 "fixed: the signal's side; signal: in proportion to it; volatility: smaller in wild times",
             .choices = words(sizings())},
            {.name = "size",
             .standard = position.size,
             .doc = "largest position as share of equity",
             .bounds = {.above = 0, .at_most = 10}},
            {.name = "target_volatility",
             .standard = position.target_volatility,
             .doc = "of a bar: sizing = \"volatility\"",
             .bounds = {.above = 0, .at_most = 1}},
            {.name = "fill",
             .standard = "next_open",
             .doc = "price at which a wish of one bar's close is filled",
             .choices = words(fills())},
            {.name = "fee", .standard = trading.fee, .doc = "share of the traded notional", .bounds = share},
            {.name = "slippage",
             .standard = trading.slippage,
             .doc = "share of the traded notional",
             .bounds = share},
            {.name = "stop_loss",
             .standard = trading.stop_loss,
             .doc = "distance from the entry price, as share of it; 0: none",
             .bounds = share},
            {.name = "take_profit",
             .standard = trading.take_profit,
             .doc = "distance from the entry price, as share of it; 0: none",
             .bounds = {.at_least = 0, .at_most = 100}},
            {.name = "trailing_stop",
             .standard = trading.trailing_stop,
             .doc = "distance from the best price since the entry, as share of it; 0: none",
             .bounds = share},
        }};
}

/// What an individual must reach to count as valid.
std::vector<Parameter> threshold_keys() {
    EvolveValidation const standard;
    auto const& training = standard.training_thresholds;
    auto const& test = standard.test_thresholds;
    Bounds const share{.at_least = 0, .at_most = 1};
    Bounds const ratio{.at_least = -100, .at_most = 100};
    return {
        {.name = "parts",
         .standard = static_cast<std::int64_t>(standard.parts),
         .doc = "of the training bars, one after the other, whose Sharpe ratios sharpe_stability compares",
         .bounds = {.at_least = 2, .at_most = 1000}},
        {.name = "least_sharpe",
         .standard = training.least_sharpe,
         .doc = "Sharpe ratio a year on training bars, for valid",
         .bounds = ratio},
        {.name = "most_drawdown",
         .standard = training.most_drawdown,
         .doc = "largest fall from a peak on training bars, for valid",
         .bounds = share},
        {.name = "least_win_rate",
         .standard = training.least_win_rate,
         .doc = "share of trades with a profit on training bars, for valid",
         .bounds = share},
        {.name = "least_trades",
         .standard = static_cast<std::int64_t>(training.least_trades),
         .doc = "number of trades on training bars, for valid",
         .bounds = {.at_least = 0, .at_most = 1000000000}},
        {.name = "test_least_sharpe",
         .standard = test.least_sharpe,
         .doc = "Sharpe ratio a year on test bars, for test_valid",
         .bounds = ratio},
        {.name = "test_least_consistency",
         .standard = test.least_consistency,
         .doc = "share of months with a profit on test bars, for test_valid",
         .bounds = share},
        {.name = "test_most_volatility",
         .standard = test.most_volatility,
         .doc = "standard deviation of returns a year on test bars, for test_valid",
         .bounds = {.at_least = 0, .at_most = 1000}},
        {.name = "least_score",
         .standard = standard.least_score,
         .doc = "score for valid, test_score for test_valid",
         .bounds = share},
    };
}

study::KeyTable validation_table() {
    EvolveValidation const standard;
    study::KeyTable table{
        "validation",
        "What keeps us honest: bars that no fitness has seen, prices without a pattern, and thresholds",
        {
            {.name = "windows",
             .standard = static_cast<std::int64_t>(standard.windows),
             .doc = "steps of the walk forward; each has an evolution of its own",
             .bounds = {.at_least = 1, .at_most = 1000}},
            {.name = "train_share",
             .standard = standard.train_share,
             .doc = "share of the bars before the first test; 1: nothing is tested",
             .bounds = {.above = 0, .at_most = 1}},
            {.name = "gap",
             .standard = static_cast<std::int64_t>(standard.gap),
             .doc = "bars left out between training and test",
             .bounds = {.at_least = 0, .at_most = 1000000}},
            {.name = "training",
             .standard = "anchored",
             .doc = "anchored: from the first bar on; rolling: of the same length in each window",
             .choices = words(trainings())},
            {.name = "placebos",
             .standard = static_cast<std::int64_t>(standard.placebos),
             .doc = "series of shuffled bars, without any pattern, on which each individual is traded, too",
             .bounds = {.at_least = 0, .at_most = 100}},
        }};
    auto const thresholds = threshold_keys();
    table.keys.insert(table.keys.end(), thresholds.begin(), thresholds.end());
    return table;
}

}  // namespace

std::vector<study::KeyTable> evolve_tables() {
    return {data_table(),    strategies_table(), evolution_table(),
            fitness_table(), backtest_table(),   validation_table()};
}

}  // namespace vaster::trading
