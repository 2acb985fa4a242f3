#include "vaster/cli/program.hpp"

#include <cstdlib>
#include <exception>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vaster/cli/command.hpp"
#include "vaster/cli/version.hpp"

namespace vaster::cli {

namespace {

constexpr std::string_view footer =
    "\nFirst steps:\n"
    "  vaster simulate --output cohort.csv            a made-up cohort of six sites\n"
    "  vaster plan --data cohort.csv                  what would be run\n"
    "  mpirun -n 4 vaster run --data cohort.csv       run it on four processes\n"
    "  mpirun -n 4 vaster run --data cohort.csv --resume    go on after an interruption\n"
    "  vaster report study.h5                         a folder with figures and tables; prints the summary\n"
    "Exit codes: 0 all done, 64 usage, 65 bad data or file, 69 something needed is not there, 70 bug, 74 "
    "reading or\n"
    "writing failed, 71 all done but a rank was lost on the way, 75 stopped early or some experiments failed "
    "(--resume goes on), 78 bad configuration.";

/// Under mpirun every rank would say the same: only the first one does. Known before MPI is up.
bool is_first_rank() {
    for (char const* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
        if (char const* rank = std::getenv(name)) return std::string_view(rank) == "0";
    return true;
}

void complain(std::string_view text) {
    if (is_first_rank()) fmt::print(stderr, "vaster: {}\n", text);
}

int parse_failed(CLI::App const& app, CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
        return is_first_rank() ? app.exit(error) : 0;
    }
    complain(fmt::format("{}\nRun with --help for more information.", error.what()));
    return static_cast<int>(ExitCode::usage);
}

}  // namespace

int run_program(int argc, char** argv) {
    CLI::App app(
        "vaster: compares verbal-autopsy models across sites, on MPI ranks, into one study file that "
        "survives "
        "interruptions.",
        "vaster");
    app.require_subcommand(1);
    app.set_version_flag("--version", fmt::format("vaster {}", version()));
    app.get_formatter()->column_width(34);
    Action chosen;
    for (auto* add :
         {add_run, add_plan, add_status, add_report, add_compare, add_diagnose, add_export, add_verify,
          add_checkpoint, add_market, add_simulate, add_config, add_doctor, add_task_server})
        add(app, chosen);
    app.footer(std::string(footer));  // last, for subcommands would inherit it
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return parse_failed(app, error);
    }
    try {
        return static_cast<int>(chosen({argc, argv}));
    } catch (Error const& error) {
        complain(error.what());
        return static_cast<int>(error.code());
    } catch (std::exception const& error) {
        complain(fmt::format("bug: {}", error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}

}  // namespace vaster::cli
