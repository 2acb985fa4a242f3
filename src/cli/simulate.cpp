// vaster simulate: a made-up cohort.
#include "vaster/va/simulate.hpp"

#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    va::SimulationOptions options;
    std::string format = "phmrc-adult";
    std::string output;
    bool overwrite = false;
};

void write(Flags const& flags) {
    va::SimulationOptions options = flags.options;
    options.format = va::cohort_format(flags.format);
    if (flags.output.empty()) {
        va::simulate(options, std::cout);
        require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
        return;
    }
    require<UsageError>(flags.overwrite || !std::filesystem::exists(flags.output),
                        "{} exists already; choose another name, or give --overwrite", flags.output);
    std::ofstream file(flags.output, std::ios::binary);
    require<IoError>(file.is_open(), "cannot create {}", flags.output);
    va::simulate(options, file);
    file.close();
    require<IoError>(bool(file), "cannot write {}: is the disk full?", flags.output);
}

}  // namespace

void add_simulate(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("simulate", "Write a made-up cohort with sites that really differ");
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
    command->add_option("--output", flags->output, "file to write; standard output if not given")
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
