// vaster market: a file of bars of prices, as studies of kind evolve read it.
#include <array>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>

#include "base/support/units.hpp"
#include "core/cli/output.hpp"
#include "domains/trading/cli/commands.hpp"
#include "domains/trading/market/csv.hpp"
#include "domains/trading/market/storage.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "domains/trading/study/evolve.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::trading {
namespace {

struct Flags {
    std::vector<std::string> tables;
    std::string path;  ///< the market file
    std::string symbol;
    bool allow_gaps = false;
    bool csv = false;
};

struct SimulationFlags {
    std::string bars = "regimes";
    std::uint64_t count = 1000;
    std::string symbols = "BTC";
    std::string timeframe = "1h";
    std::uint64_t seed = 42;
    cli::OutputFlags output;
};

study::Config config_of(SimulationFlags const& flags) {
    return study::load(*trading::make_evolve(), {"",
                                                 "",
                                                 {{"data.simulated", flags.bars, "--bars"},
                                                  {"data.bars", std::to_string(flags.count), "--count"},
                                                  {"data.symbols", flags.symbols, "--symbols"},
                                                  {"data.timeframe", flags.timeframe, "--timeframe"},
                                                  {"study.seed", std::to_string(flags.seed), "--seed"}}});
}

ExitCode simulate(SimulationFlags const& flags) {
    auto const config = config_of(flags);
    if (flags.output.path().ends_with(".h5")) {
        flags.output.check();
        trading::store_bars(config, flags.output.path());
    } else {
        flags.output.write([&](std::ostream& out) { trading::write_bars(config, out); });
    }
    return ExitCode::success;
}

/// Bars that are not as far from the one before as the closest ones are.
std::size_t n_gaps(market::Bars const& bars) {
    std::int64_t const step = market::step_of(bars);
    std::size_t n = 0;
    for (std::size_t i = 1; i < bars.size(); ++i) n += bars.times[i] - bars.times[i - 1] > step ? 1 : 0;
    return n;
}

TextTable contents_of(market::Storage const& storage) {
    TextTable table;
    table.header = {"symbol",  "bars",        "seconds",      "gaps",  "first",    "last",
                    "funding", "mean_volume", "total_return", "range", "variation"};
    for (auto const& row : market::summarise(storage)) {
        auto const bars = storage.bars({row.symbol});
        auto const time = [&](std::int64_t when) {
            return row.n_bars == 0 ? std::string() : market::format_time(when);
        };
        table.rows.push_back({row.symbol, std::to_string(row.n_bars), std::to_string(market::step_of(bars)),
                              std::to_string(n_gaps(bars)), time(row.first), time(row.last),
                              bars.funding.empty() ? "no" : "yes", fmt::format("{:.6g}", row.mean_volume),
                              fmt::format("{:.4f}", row.total_return), fmt::format("{:.4f}", row.range),
                              fmt::format("{:.4f}", row.variation)});
    }
    return table;
}

ExitCode list(Flags const& flags) {
    auto const table = contents_of(*market::open_market(flags.path));
    if (!flags.csv) {
        fmt::print("{}", to_text(table));
        return ExitCode::success;
    }
    fmt::print("{}\n", csv_line(table.header));
    for (auto const& row : table.rows) fmt::print("{}\n", csv_line(row));
    return ExitCode::success;
}

/// Adds the bars of tables to a market file, or makes it. All tables are read before anything is written.
ExitCode import(Flags const& flags) {
    market::CsvRules rules;
    rules.symbol = flags.symbol;
    rules.gaps = flags.allow_gaps ? market::Gaps::allow : market::Gaps::refuse;
    std::vector<market::Bars> assets;
    for (auto const& table : flags.tables) {
        auto more = market::read_csv(table, rules);
        require<DataError>(!more.empty(), "{} has no bars", table);
        assets.insert(assets.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
    }
    market::store_bars(flags.path, assets);
    fmt::print("{}", to_text(contents_of(*market::open_market(flags.path))));
    return ExitCode::success;
}

char const* name_of(market::Status status) {
    switch (status) {
        case market::Status::healthy:
            return "healthy";
        case market::Status::degraded:
            return "degraded";
        case market::Status::unhealthy:
            break;
    }
    return "unhealthy";
}

/// One line about the file. @return can it be read?
bool print_health(std::string const& path) {
    auto const health = market::check_storage(path);
    fmt::print("{}: {}, {}", path, name_of(health.status), bytes_text(health.bytes));
    if (health.problem.empty())
        fmt::print("; beside it 1,000 bars written in {}, read back in {}, asked for by time in {}\n",
                   duration_text(health.write_seconds), duration_text(health.read_seconds),
                   duration_text(health.query_seconds));
    else
        fmt::print("; {}\n", health.problem);
    return health.status != market::Status::unhealthy;
}

/// What is wrong with the bars of an asset; empty: nothing.
std::string problem_of(market::Storage const& storage, std::string const& symbol) {
    try {
        auto const bars = storage.bars({symbol});
        market::check(bars);
        return bars.size() > 0 ? "" : fmt::format("'{}' has no bars", symbol);
    } catch (std::exception const& error) {
        return error.what();
    }
}

ExitCode check(Flags const& flags) {
    require<IoError>(std::filesystem::exists(flags.path), "there is no {}: vaster market import makes one",
                     flags.path);
    if (!print_health(flags.path)) return ExitCode::data;
    bool sound = true;
    auto const storage = market::open_market(flags.path);
    for (auto const& symbol : storage->symbols()) {
        auto const problem = problem_of(*storage, symbol);
        sound = sound && problem.empty();
        fmt::print("{}: {}\n", symbol, problem.empty() ? "all bars are sound" : problem);
    }
    return sound ? ExitCode::success : ExitCode::data;
}

void add_simulation(cli::Command& market, cli::Program& program) {
    auto const flags = std::make_shared<SimulationFlags>();
    cli::Command* command = market.add_subcommand(
        "simulate", "Write made-up bars, as CSV or, with .h5 at the end of the name, as a market file");
    command->add_option("--bars", flags->bars, "golden, walk or regimes, as key data.simulated")
        ->capture_default_str()
        ->option_text("KIND");
    command->add_option("--count", flags->count, "how many of each asset")->capture_default_str();
    command->add_option("--symbols", flags->symbols, "assets, with commas")->capture_default_str();
    command->add_option("--timeframe", flags->timeframe, "length of a bar: 1m 5m 15m 1h 4h 1d")
        ->capture_default_str();
    command->add_option("--seed", flags->seed, "seed; the same seed gives the same bytes")
        ->capture_default_str();
    flags->output.add_to(*command);
    command->callback(
        [flags, &program] { program.action = [flags](Invocation) { return simulate(*flags); }; });
}

}  // namespace

void add_market(cli::Command& app, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command =
        app.add_subcommand("market", "For studies of kind evolve only: files with bars of market prices");
    command->require_subcommand();
    cli::Command* import_command = command->add_subcommand(
        "import",
        "Add the bars of CSV tables to a market file, or make one; those of a time that is there "
        "already are replaced");
    import_command
        ->add_option("tables", flags->tables,
                     "columns timestamp, open, high, low, close, volume, and perhaps symbol, funding_rate")
        ->required()
        ->option_text("TABLE.csv ...");
    import_command->add_option("--output", flags->path, "the market file")
        ->required()
        ->option_text("MARKET.h5");
    import_command
        ->add_option("--symbol", flags->symbol,
                     "asset of a table without a column symbol; the table's name if not given")
        ->option_text("NAME");
    import_command->add_flag("--allow-gaps", flags->allow_gaps,
                             "take bars that are further apart than elsewhere");
    cli::Command* list_command = command->add_subcommand(
        "list", "One line per asset: how many bars, from when to when, how they went");
    list_command->add_flag("--csv", flags->csv, "for machines");
    cli::Command* check_command = command->add_subcommand(
        "check", "Read all bars and see that they are sound; try out writing and reading beside the file");
    check_command->footer("Exit code 0 when all bars can be read and are sound, 65 when not.");
    for (auto* each : {list_command, check_command})
        each->add_option("market", flags->path, "the market file")->required()->option_text("MARKET.h5");
    add_simulation(*command, program);
    using Do = ExitCode (*)(Flags const&);
    for (auto const& [each, act] :
         {std::pair{import_command, Do{import}}, {list_command, Do{list}}, {check_command, Do{check}}})
        each->callback([flags, act = act, &program] {
            program.action = [flags, act](Invocation) { return act(*flags); };
        });
}

}  // namespace vaster::trading
