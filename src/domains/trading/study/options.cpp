#include "domains/trading/study/options.hpp"

#include <string_view>

#include "domains/trading/study/names.hpp"

namespace vaster::trading {
namespace {

using study::Config;
using Texts = std::vector<std::string>;

std::size_t count(Config const& config, std::string_view key) {
    return static_cast<std::size_t>(config.get<std::int64_t>(key));
}

template <class T>
T choice(Config const& config, std::string_view key, Names<T> const& names) {
    return value_of(names, config.get<std::string>(key));
}

EvolveData data_options(Config const& config) {
    EvolveData data;
    data.path = config.get<std::string>("data.path");
    data.backend = choice(config, "data.backend", backends());
    data.gaps = choice(config, "data.gaps", gap_rules());
    data.simulated = choice(config, "data.simulated", simulations());
    data.bars = count(config, "data.bars");
    data.symbols = config.get<Texts>("data.symbols");
    data.step_seconds = choice(config, "data.timeframe", timeframes());
    data.drift = config.get<double>("data.drift");
    data.volatility = config.get<double>("data.volatility");
    return data;
}

evolution::Settings evolution_settings(Config const& config) {
    evolution::Settings settings;
    settings.population = count(config, "evolution.population");
    settings.generations = count(config, "evolution.generations");
    settings.islands = count(config, "evolution.islands");
    settings.survival = choice(config, "evolution.survival", survivals());
    settings.elite = config.get<double>("evolution.elite");
    settings.tournament = count(config, "evolution.tournament");
    settings.crossover_chance = config.get<double>("evolution.crossover_chance");
    settings.crossover_reach = config.get<double>("evolution.crossover_reach");
    settings.mutation_chance = config.get<double>("evolution.mutation_chance");
    settings.gene_chance = config.get<double>("evolution.gene_chance");
    settings.mutation_step = config.get<double>("evolution.mutation_step");
    settings.adaptation = choice(config, "evolution.adaptation", adaptations());
    settings.migration_interval = count(config, "evolution.migration_interval");
    settings.migrants = count(config, "evolution.migrants");
    settings.stagnation_limit = count(config, "evolution.stagnation_limit");
    settings.least_success = config.get<double>("evolution.least_success");
    return settings;
}

EvolveValidation validation_options(Config const& config) {
    EvolveValidation validation;
    validation.windows = count(config, "validation.windows");
    validation.train_share = config.get<double>("validation.train_share");
    validation.gap = count(config, "validation.gap");
    validation.training = choice(config, "validation.training", trainings());
    validation.placebos = count(config, "validation.placebos");
    validation.parts = count(config, "validation.parts");
    auto& training = validation.training_thresholds;
    training.least_sharpe = config.get<double>("validation.least_sharpe");
    training.most_drawdown = config.get<double>("validation.most_drawdown");
    training.least_win_rate = config.get<double>("validation.least_win_rate");
    training.least_trades = static_cast<double>(count(config, "validation.least_trades"));
    auto& test = validation.test_thresholds;
    test.least_sharpe = config.get<double>("validation.test_least_sharpe");
    test.least_consistency = config.get<double>("validation.test_least_consistency");
    test.most_volatility = config.get<double>("validation.test_most_volatility");
    validation.least_score = config.get<double>("validation.least_score");
    return validation;
}

std::vector<std::size_t> chosen_seeds(Texts const& names) {
    std::vector<std::size_t> chosen;
    for (auto const& name : names)
        if (auto const seed = strategies::find_seed(name)) chosen.push_back(*seed);
    return chosen;
}

}  // namespace

double EvolveData::periods() const {
    constexpr double year_seconds = 365.0 * 86400;
    return year_seconds / static_cast<double>(step_seconds);
}

EvolveOptions evolve_options(Config const& config) {
    EvolveOptions options;
    options.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    options.data = data_options(config);
    options.seed_names = config.get<Texts>("strategies.seeds");
    options.seeds = chosen_seeds(options.seed_names);
    options.default_founders = config.get<bool>("strategies.defaults");
    options.signal.profile = choice(config, "strategies.profile", profiles());
    options.signal.indicators = choice(config, "strategies.indicators", indicators());
    options.evolution = evolution_settings(config);
    options.measure = choice(config, "fitness.measure", measures());
    options.pool_threshold = config.get<double>("fitness.pool_threshold");
    options.objectives = config.get<Texts>("fitness.objectives");
    options.position.threshold = config.get<double>("backtest.threshold");
    options.position.sizing = choice(config, "backtest.sizing", sizings());
    options.position.size = config.get<double>("backtest.size");
    options.position.target_volatility = config.get<double>("backtest.target_volatility");
    options.trading.fill = choice(config, "backtest.fill", fills());
    options.trading.fee = config.get<double>("backtest.fee");
    options.trading.slippage = config.get<double>("backtest.slippage");
    options.trading.stop_loss = config.get<double>("backtest.stop_loss");
    options.trading.take_profit = config.get<double>("backtest.take_profit");
    options.trading.trailing_stop = config.get<double>("backtest.trailing_stop");
    options.validation = validation_options(config);
    return options;
}

}  // namespace vaster::trading
