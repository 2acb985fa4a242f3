#include "domains/trading/report/tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "base/stats/quantile.hpp"
#include "base/stats/summary.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::trading {
namespace {

using report::Table;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_fittest = 100;  ///< of a window

std::size_t find_column(std::vector<study::Column> const& columns, std::string_view name,
                        study::CellType type) {
    auto const found = std::find_if(columns.begin(), columns.end(), [&](auto const& column) {
        return column.name == name && column.type == type;
    });
    require<DataError>(
        found != columns.end(),
        "the study has no column '{}', which studies of kind evolve have; make the report with "
        "the version of the program that made the study",
        name);
    return static_cast<std::size_t>(found - columns.begin());
}

/// Columns gene_1, gene_2, ... of the design.
std::vector<std::size_t> gene_columns(std::vector<study::Column> const& design) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < design.size(); ++i)
        if (design[i].name.starts_with("gene_") && design[i].type == study::CellType::real)
            columns.push_back(i);
    return columns;
}

double largest_of(std::vector<double> const& values) {
    return values.empty() ? missing : *std::max_element(values.begin(), values.end());
}

/// Smallest and largest number of each gene of a seed in the whole study.
using Ranges = std::map<std::string, std::vector<std::pair<double, double>>>;

Ranges ranges_of(Individuals const& individuals) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Ranges ranges;
    for (auto const& one : individuals.all()) {
        auto& of_seed = ranges[one.seed];
        of_seed.resize(one.genes.size(), {infinity, -infinity});
        for (std::size_t i = 0; i < one.genes.size(); ++i) {
            if (std::isnan(one.genes[i])) continue;
            of_seed[i] = {std::min(of_seed[i].first, one.genes[i]),
                          std::max(of_seed[i].second, one.genes[i])};
        }
    }
    return ranges;
}

using Members = std::vector<Individual const*>;

std::map<std::string, Members> by_seed(Members const& members) {
    std::map<std::string, Members> groups;
    for (auto const* one : members) groups[one->seed].push_back(one);
    return groups;
}

std::vector<double> gene_values(Members const& members, std::size_t gene) {
    std::vector<double> values;
    values.reserve(members.size());
    for (auto const* one : members) values.push_back(one->genes[gene]);
    return values;
}

double seed_bits(Members const& members) {
    double bits = 0;
    for (auto const& [seed, group] : by_seed(members)) {
        double const share = static_cast<double>(group.size()) / static_cast<double>(members.size());
        bits -= share * std::log2(share);
    }
    return bits;
}

double gene_spread(Members const& members, Ranges const& ranges) {
    double sum = 0;
    std::size_t n = 0;
    for (auto const& [seed, group] : by_seed(members)) {
        auto const& of_seed = ranges.at(seed);
        for (std::size_t gene = 0; group.size() > 1 && gene < of_seed.size(); ++gene) {
            auto const [low, high] = of_seed[gene];
            if (!(low < high)) continue;
            sum += static_cast<double>(group.size()) * stats::summarise(gene_values(group, gene)).sd /
                   (high - low);
            n += group.size();
        }
    }
    return n > 0 ? sum / static_cast<double>(n) : missing;
}

std::int64_t count(Members const& members, study::Status status) {
    return std::count_if(members.begin(), members.end(),
                         [&](auto const* one) { return one->status == status; });
}

double ratio(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? missing : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Individuals::Individuals(store::Reader const& study) : study_(study) {
    using study::CellType;
    auto const& [design, results, arrays, labels] = study.schema();
    std::size_t const window = find_column(design, "window", CellType::integer);
    std::size_t const generation = find_column(design, "generation", CellType::integer);
    std::size_t const seed = find_column(design, "seed", CellType::text);
    std::size_t const fitness = find_column(results, "fitness", CellType::real);
    auto const genes = gene_columns(design);
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& cells = study.experiment(row).design;
        Individual one{row,
                       std::get<std::int64_t>(cells[window]),
                       std::get<std::int64_t>(cells[generation]),
                       std::get<std::string>(cells[seed]),
                       {},
                       study.status(row),
                       missing};
        for (std::size_t const gene : genes) one.genes.push_back(std::get<double>(cells[gene]));
        if (study.done(row)) one.fitness = std::get<double>(study.cells(row)[fitness]);
        all_.push_back(std::move(one));
    }
}

Individuals::Generations Individuals::generations() const {
    Generations groups;
    for (auto const& one : all_) groups[{one.window, one.generation}].push_back(&one);
    return groups;
}

Members Individuals::by_fitness(std::int64_t window) const {
    Members members;
    for (auto const& one : all_)
        if (one.window == window && !std::isnan(one.fitness)) members.push_back(&one);
    std::stable_sort(members.begin(), members.end(),
                     [](auto const* a, auto const* b) { return a->fitness > b->fitness; });
    return members;
}

std::vector<std::int64_t> Individuals::windows() const {
    std::vector<std::int64_t> windows;
    for (auto const& one : all_)
        if (std::find(windows.begin(), windows.end(), one.window) == windows.end())
            windows.push_back(one.window);
    std::sort(windows.begin(), windows.end());
    return windows;
}

std::vector<std::string> Individuals::seeds() const {
    std::vector<std::string> seeds;
    for (auto const& one : all_)
        if (std::find(seeds.begin(), seeds.end(), one.seed) == seeds.end()) seeds.push_back(one.seed);
    return seeds;
}

std::string Individuals::gene_name(Individual const& one, std::size_t gene) const {
    for (auto const& list : study_.schema().labels)
        if (list.name == "genes of " + one.seed && gene < list.labels.size()) return list.labels[gene];
    return fmt::format("gene_{}", gene + 1);
}

double Individuals::result(Individual const& one, std::string_view column) const {
    return std::get<double>(
        study_.cells(one.row)[find_column(study_.schema().results, column, study::CellType::real)]);
}

std::string window_name(std::int64_t window) {
    return fmt::format("window {}", window);
}

Table generations_table(Individuals const& individuals) {
    Table table{"generations",
                "the newborn of a generation",
                {"window", "window_name", "generation", "newborn", "evaluated", "failed", "evaluated_share",
                 "best_so_far", "best", "mean", "seed_bits", "gene_spread"},
                {}};
    auto const ranges = ranges_of(individuals);
    std::map<std::int64_t, double> best_so_far;
    for (auto const& [key, members] : individuals.generations()) {
        auto const [window, generation] = key;
        std::vector<double> fitness;
        for (auto const* one : members)
            if (!std::isnan(one->fitness)) fitness.push_back(one->fitness);
        double const best = largest_of(fitness);
        auto const so_far = best_so_far.try_emplace(window, best).first;
        so_far->second = std::fmax(so_far->second, best);
        std::int64_t const done = count(members, study::Status::done);
        std::int64_t const failed = count(members, study::Status::failed);
        table.rows.push_back(
            {window, window_name(window), generation, static_cast<std::int64_t>(members.size()), done, failed,
             ratio(done, done + failed), so_far->second, best, stats::summarise(fitness).mean,
             seed_bits(members), gene_spread(members, ranges)});
    }
    return table;
}

Table progress_table(Table const& generations) {
    struct Line {
        char const* column;
        char const* name;
    };

    Table table{"progress",
                "a line of the fitness over generations",
                {"window", "window_name", "generation", "line", "fitness"},
                {}};
    auto const at = [&](std::string_view name) {
        return static_cast<std::size_t>(
            std::find(generations.columns.begin(), generations.columns.end(), name) -
            generations.columns.begin());
    };
    for (auto const& [column, name] :
         {Line{"best_so_far", "best so far"}, Line{"mean", "mean of the newborn"}})
        for (auto const& row : generations.rows)
            if (!std::isnan(std::get<double>(row[at(column)])))
                table.rows.push_back({row[at("window")], row[at("window_name")], row[at("generation")],
                                      std::string(name), row[at(column)]});
    return table;
}

Table seed_shares_table(Individuals const& individuals) {
    Table table{"seed_shares",
                "a seed among the newborn of a generation",
                {"window", "generation", "seed", "newborn", "share"},
                {}};
    auto const seeds = individuals.seeds();
    for (auto const& [key, members] : individuals.generations()) {
        auto const groups = by_seed(members);
        for (auto const& seed : seeds) {
            auto const group = groups.find(seed);
            auto const n = static_cast<std::int64_t>(group == groups.end() ? 0 : group->second.size());
            table.rows.push_back(
                {key.first, key.second, seed, n, ratio(n, static_cast<std::int64_t>(members.size()))});
        }
    }
    return table;
}

Table genes_table(Individuals const& individuals) {
    Table table{"genes",
                "a gene among the newborn of a seed and generation",
                {"window", "seed", "gene", "generation", "born", "newborn", "lowest", "q25", "median", "q75",
                 "highest", "lowest_place", "q25_place", "median_place", "q75_place", "highest_place"},
                {}};
    auto const ranges = ranges_of(individuals);
    for (auto const& [key, members] : individuals.generations()) {
        for (auto const& [seed, group] : by_seed(members)) {
            for (std::size_t gene = 0; gene < group.front()->genes.size(); ++gene) {
                auto const [low, high] = ranges.at(seed)[gene];
                if (!(low < high)) continue;
                auto values = gene_values(group, gene);
                auto& row = table.rows.emplace_back(study::Cells{
                    key.first, seed, individuals.gene_name(*group.front(), gene), key.second,
                    fmt::format("born in {}", key.second), static_cast<std::int64_t>(group.size())});
                std::vector<double> quantiles;
                for (double const p : {0.0, 0.25, 0.5, 0.75, 1.0})
                    quantiles.push_back(stats::quantile(values, p));
                for (double const value : quantiles) row.emplace_back(value);
                for (double const value : quantiles) row.emplace_back((value - low) / (high - low));
            }
        }
    }
    return table;
}

Table fittest_table(Individuals const& individuals) {
    std::vector<std::string> const results{
        "sharpe",       "placebo_sharpe", "hold_sharpe",  "test_sharpe", "test_hold_sharpe",
        "total_return", "test_return",    "max_drawdown", "trades",      "sharpe_stability",
        "score",        "valid",          "test_score",   "test_valid"};
    Table table{"fittest",
                fmt::format("the {} fittest individuals of each window", most_fittest),
                {"window", "window_name", "experiment", "generation", "seed", "fitness"},
                {}};
    table.columns.insert(table.columns.end(), results.begin(), results.end());
    for (auto const window : individuals.windows()) {
        auto members = individuals.by_fitness(window);
        members.resize(std::min(members.size(), most_fittest));
        for (auto const* one : members) {
            auto& row = table.rows.emplace_back(study::Cells{window, window_name(window),
                                                             static_cast<std::int64_t>(one->row),
                                                             one->generation, one->seed, one->fitness});
            for (auto const& column : results) row.emplace_back(individuals.result(*one, column));
        }
    }
    return table;
}

Table out_of_sample_table(Individuals const& individuals) {
    struct Source {
        char const* bars;
        char const* who;
        char const* sharpe;
        char const* total_return;
    };

    Table table{"out_of_sample",
                "the fittest individual of a window, holding, or its placebo, on training or test bars",
                {"window", "experiment", "seed", "bars", "sample", "who", "sharpe", "return"},
                {}};
    for (auto const window : individuals.windows()) {
        auto const members = individuals.by_fitness(window);
        if (members.empty()) continue;
        auto const& one = *members.front();
        for (auto const& [bars, who, sharpe, total_return] :
             {Source{"training", "fittest", "sharpe", "total_return"},
              Source{"training", "holding", "hold_sharpe", "hold_return"},
              Source{"training", "placebo", "placebo_sharpe", "placebo_return"},
              Source{"test", "fittest", "test_sharpe", "test_return"},
              Source{"test", "holding", "test_hold_sharpe", "test_hold_return"}}) {
            double const ratio_there = individuals.result(one, sharpe);
            double const return_there = individuals.result(one, total_return);
            if (std::isnan(ratio_there) && std::isnan(return_there)) continue;  // no test bars, no placebo
            table.rows.push_back({window, static_cast<std::int64_t>(one.row), one.seed, std::string(bars),
                                  fmt::format("{}, {}", window_name(window), bars), std::string(who),
                                  ratio_there, return_there});
        }
    }
    return table;
}

}  // namespace vaster::trading
