#include "domains/trading/study/schema.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "vaster/study/label.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::trading {
namespace {

using backtest::Metrics;
using study::CellType;

constexpr std::size_t seed_width = 32;
/// Columns of the design before the genes.
constexpr std::size_t n_before_genes = 7;

/// One result: its column and where it comes from.
struct ResultColumn {
    char const* name;
    char const* doc;
    double (*value)(Judgement const&);
};

/// A metric of the account on training bars.
template <double Metrics::*metric>
double trained(Judgement const& judgement) {
    return judgement.train.metrics.*metric;
}

template <double Metrics::*metric>
double tested(Judgement const& judgement) {
    return judgement.test.metrics.*metric;
}

std::vector<ResultColumn> const& result_columns() {
    static std::vector<ResultColumn> const columns{
        {"fitness", "what the evolution selects by, from training bars",
         [](Judgement const& j) { return j.fitness; }},
        {"total_return", "end over beginning - 1, after costs", trained<&Metrics::total_return>},
        {"annual_return", "the same a year", trained<&Metrics::annual_return>},
        {"excess_return", "total return - that of holding", trained<&Metrics::excess_return>},
        {"volatility", "standard deviation of returns, a year", trained<&Metrics::volatility>},
        {"sharpe", "mean over standard deviation of returns, a year", trained<&Metrics::sharpe>},
        {"sortino", "mean over root mean squared loss, a year", trained<&Metrics::sortino>},
        {"max_drawdown", "largest fall from a peak, share of it", trained<&Metrics::max_drawdown>},
        {"average_drawdown", "mean of the deepest points of all falls", trained<&Metrics::average_drawdown>},
        {"win_rate", "share of trades with a profit", trained<&Metrics::win_rate>},
        {"profit_factor", "sum of profits over sum of losses", trained<&Metrics::profit_factor>},
        {"expectancy", "mean profit of a trade", trained<&Metrics::expectancy>},
        {"consistency", "share of months with a profit", trained<&Metrics::consistency>},
        {"trades", "number of trades", trained<&Metrics::trades>},
        {"average_duration", "mean length of a trade [bars]", trained<&Metrics::average_duration>},
        {"average_win", "mean profit of trades with one", trained<&Metrics::average_win>},
        {"average_loss", "mean of the others", trained<&Metrics::average_loss>},
        {"largest_win", "best trade", trained<&Metrics::largest_win>},
        {"largest_loss", "worst trade", trained<&Metrics::largest_loss>},
        {"longest_wins", "trades with a profit in a row", trained<&Metrics::longest_wins>},
        {"longest_losses", "others in a row", trained<&Metrics::longest_losses>},
        {"turnover", "traded notional over equity, a year", trained<&Metrics::turnover>},
        {"costs", "fees and slippage, sum of shares of equity", trained<&Metrics::costs>},
        {"calmar", "annual return over largest drawdown", trained<&Metrics::calmar>},
        {"sterling", "annual return over mean drawdown", trained<&Metrics::sterling>},
        {"burke", "annual return over root of summed squared drawdowns", trained<&Metrics::burke>},
        {"low_volatility", "mean return in the calmest third of bars, a year",
         trained<&Metrics::low_volatility>},
        {"middle_volatility", "the same in the middle third", trained<&Metrics::middle_volatility>},
        {"high_volatility", "the same in the wildest third", trained<&Metrics::high_volatility>},
        {"bar_sharpe", "mean over population standard deviation of one bar's returns",
         [](Judgement const& j) { return j.train.sample.sharpe; }},
        {"skewness", "of the returns", [](Judgement const& j) { return j.train.sample.skewness; }},
        {"kurtosis", "of the returns; 3 for a normal",
         [](Judgement const& j) { return j.train.sample.kurtosis; }},
        {"hold_return", "total return of holding the assets",
         [](Judgement const& j) { return j.train.hold_return; }},
        {"hold_sharpe", "Sharpe ratio of it", [](Judgement const& j) { return j.train.hold_sharpe; }},
        {"placebo_return", "mean total return on shuffled bars",
         [](Judgement const& j) { return j.placebo_return; }},
        {"placebo_sharpe", "mean Sharpe ratio on shuffled bars",
         [](Judgement const& j) { return j.placebo_sharpe; }},
        {"sharpe_stability", "1 - sd / mean of the Sharpe ratios of consecutive parts of the training bars",
         [](Judgement const& j) { return j.train.robustness.stability; }},
        {"weakest_sharpe", "least of these ratios",
         [](Judgement const& j) { return j.train.robustness.weakest; }},
        {"score", "sharpe / 3, within 0 and 1", [](Judgement const& j) { return j.score; }},
        {"valid", "1: reaches the thresholds of training bars and the least score",
         [](Judgement const& j) { return j.valid; }},
        {"test_return", "total return on test bars, which no fitness has seen",
         tested<&Metrics::total_return>},
        {"test_sharpe", "Sharpe ratio there, a year", tested<&Metrics::sharpe>},
        {"test_max_drawdown", "largest fall there", tested<&Metrics::max_drawdown>},
        {"test_trades", "number of trades there", tested<&Metrics::trades>},
        {"test_hold_return", "total return of holding there",
         [](Judgement const& j) { return j.test.hold_return; }},
        {"test_hold_sharpe", "Sharpe ratio of it", [](Judgement const& j) { return j.test.hold_sharpe; }},
        {"test_volatility", "standard deviation of returns there, a year", tested<&Metrics::volatility>},
        {"test_consistency", "share of months with a profit there", tested<&Metrics::consistency>},
        {"test_score", "0.6 score + 0.4 test_sharpe / 2 test_consistency, the latter within 0 and 1",
         [](Judgement const& j) { return j.test_score; }},
        {"test_valid", "1: reaches the thresholds of training and test bars and the least score",
         [](Judgement const& j) { return j.test_valid; }},
        {"bars", "training bars", [](Judgement const& j) { return static_cast<double>(j.bars); }},
        {"test_bars", "test bars", [](Judgement const& j) { return static_cast<double>(j.test_bars); }},
    };
    return columns;
}

std::string_view without_minus(std::string_view name) {
    if (name.starts_with('-')) name.remove_prefix(1);
    return name;
}

}  // namespace

study::Schema evolve_schema() {
    study::Schema schema;
    schema.design = {
        {.name = "window", .type = CellType::integer, .doc = "step of the walk forward, counted from 0"},
        {.name = "generation", .type = CellType::integer, .doc = "counted from 0"},
        {.name = "place", .type = CellType::integer, .doc = "among the newborn of its generation and window"},
        {.name = "island", .type = CellType::integer, .doc = "on which it was born"},
        {.name = "seed", .type = CellType::text, .width = seed_width, .doc = "kind of strategy"},
        {.name = "mother", .type = CellType::integer, .doc = "index of the experiment; -1: none"},
        {.name = "father", .type = CellType::integer, .doc = "index of the experiment; -1: none"}};
    for (std::size_t i = 1; i <= most_genes(); ++i)
        schema.design.push_back({.name = fmt::format("gene_{}", i), .doc = "gene of the seed, in its order"});
    for (auto const& column : result_columns())
        schema.results.push_back({.name = column.name, .doc = column.doc});
    schema.results.push_back(
        {.name = "evaluation_seconds", .doc = "time of it [s]", .nature = study::Nature::timing});
    for (auto const& seed : strategies::seeds()) {
        study::LabelList genes{fmt::format("genes of {}", seed.name), {}};
        for (auto const& gene : seed.genes) genes.labels.emplace_back(gene.name);
        schema.labels.push_back(std::move(genes));
    }
    schema.labels.push_back({study::label_columns, {"window", "generation", "place", "island", "seed"}});
    return schema;
}

study::Cells design_cells(PlannedIndividual const& individual) {
    auto const integer = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    study::Cells cells{integer(individual.window),
                       integer(individual.generation),
                       integer(individual.place),
                       integer(individual.island),
                       individual.seed,
                       individual.mother,
                       individual.father};
    VASTER_ENSURES(cells.size() == n_before_genes);
    for (double const gene : individual.genes) cells.emplace_back(gene);
    cells.resize(n_before_genes + most_genes(), std::numeric_limits<double>::quiet_NaN());
    return cells;
}

PlannedIndividual planned_individual(study::Cells const& design) {
    auto const integer = [&](std::size_t column) { return std::get<std::int64_t>(design.at(column)); };
    PlannedIndividual individual;
    individual.window = static_cast<std::size_t>(integer(0));
    individual.generation = static_cast<std::size_t>(integer(1));
    individual.place = static_cast<std::size_t>(integer(2));
    individual.island = static_cast<std::size_t>(integer(3));
    individual.seed = std::get<std::string>(design.at(4));
    individual.mother = integer(5);
    individual.father = integer(6);
    for (std::size_t i = n_before_genes; i < design.size(); ++i)
        individual.genes.push_back(std::get<double>(design[i]));
    return individual;
}

study::Cells result_cells(Judgement const& judgement) {
    study::Cells cells;
    for (auto const& column : result_columns()) cells.emplace_back(column.value(judgement));
    cells.emplace_back(judgement.seconds);
    return cells;
}

std::size_t result_column(std::string_view name) {
    auto const& columns = result_columns();
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == name) return i;
    throw std::logic_error(fmt::format("there is no column {}", name));
}

bool can_be_objective(std::string_view name) {
    std::string_view const column = without_minus(name);
    if (column.starts_with("test_")) return false;  // it would not be a test any more
    auto const& columns = result_columns();
    return std::any_of(columns.begin(), columns.end(), [&](auto const& one) { return one.name == column; });
}

std::vector<double> objectives_of(EvolveOptions const& options, study::Cells const& results) {
    auto const value = [&](std::string_view name) {
        double const cell = std::get<double>(results.at(result_column(without_minus(name))));
        double const signed_value = name.starts_with('-') ? -cell : cell;
        return std::isfinite(signed_value) ? signed_value : std::numeric_limits<double>::lowest();
    };
    if (options.evolution.survival == evolution::Survival::elite) return {value("fitness")};
    std::vector<double> objectives;
    for (auto const& name : options.objectives) objectives.push_back(value(name));
    return objectives;
}

}  // namespace vaster::trading
