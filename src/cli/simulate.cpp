// vaster simulate: a made-up cohort, or made-up bars of prices.
#include "vaster/va/simulate.hpp"

#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/study/config.hpp"
#include "vaster/workloads/evolve.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    va::SimulationOptions options;
    std::string format = "phmrc-adult";
    std::string bars;  ///< empty: a cohort
    std::uint64_t count = 1000;
    std::string symbols = "BTC";
    std::string timeframe = "1h";
    std::string output;
    bool overwrite = false;
};

study::Config bars_config(Flags const& flags) {
    return study::load(*workloads::make_evolve(),
                       {"",
                        "",
                        {{"data.simulated", flags.bars, "--bars"},
                         {"data.bars", std::to_string(flags.count), "--count"},
                         {"data.symbols", flags.symbols, "--symbols"},
                         {"data.timeframe", flags.timeframe, "--timeframe"},
                         {"study.seed", std::to_string(flags.options.seed), "--seed"}}});
}

void simulate(Flags const& flags, std::ostream& out) {
    if (!flags.bars.empty()) return workloads::write_bars(bars_config(flags), out);
    va::SimulationOptions options = flags.options;
    options.format = va::cohort_format(flags.format);
    va::simulate(options, out);
}

void write(Flags const& flags) {
    if (flags.output.empty()) {
        simulate(flags, std::cout);
        require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
        return;
    }
    require<UsageError>(flags.overwrite || !std::filesystem::exists(flags.output),
                        "{} exists already; choose another name, or give --overwrite", flags.output);
    if (!flags.bars.empty() && flags.output.ends_with(".h5"))
        return workloads::store_bars(bars_config(flags), flags.output);
    std::ofstream file(flags.output, std::ios::binary);
    require<IoError>(file.is_open(), "cannot create {}", flags.output);
    simulate(flags, file);
    file.close();
    require<IoError>(bool(file), "cannot write {}: is the disk full?", flags.output);
}

}  // namespace

void add_simulate(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand(
        "simulate", "Write a made-up cohort with sites that really differ, or made-up bars");
    command->add_option("--deaths", flags->options.n_deaths, "how many deaths")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000000}));
    command->add_option("--seed", flags->options.seed, "seed; the same seed gives the same bytes")
        ->capture_default_str();
    command
        ->add_option("--format", flags->format,
                     "phmrc-adult: answers as in the raw release; encoded: Y, empty, .")
        ->capture_default_str()
        ->check(CLI::IsMember(va::cohort_format_names()));
    command
        ->add_option("--bars", flags->bars,
                     "bars of prices instead, as the study kind evolve takes them: golden, walk, regimes")
        ->option_text("KIND");
    command->add_option("--count", flags->count, "with --bars: how many of each asset")
        ->capture_default_str();
    command->add_option("--symbols", flags->symbols, "with --bars: assets, with commas")
        ->capture_default_str();
    command->add_option("--timeframe", flags->timeframe, "with --bars: length of one: 1m 5m 15m 1h 4h 1d")
        ->capture_default_str();
    command
        ->add_option(
            "--output", flags->output,
            "file to write, with --bars and .h5 at its end a market file; standard output if not given")
        ->option_text("FILE");
    command->add_flag("--overwrite", flags->overwrite, "replace the file if there is one");
    command->callback([flags, &chosen] {
        chosen = [flags](Invocation) {
            write(*flags);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
