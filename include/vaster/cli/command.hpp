#pragma once

#include <functional>
#include <string>

#include "vaster/support/errors.hpp"

namespace CLI {
class App;
}

namespace vaster::cli {

/// What main() was given; MPI_Init may take arguments out.
struct Invocation {
    int& argc;
    char**& argv;
};

/// What the command line asks for, to be done when all of it has been read.
using Action = std::function<ExitCode(Invocation)>;

/// Each adds one subcommand, which sets `chosen` when it is the one.
void add_run(CLI::App& app, Action& chosen);
void add_plan(CLI::App& app, Action& chosen);
void add_status(CLI::App& app, Action& chosen);
void add_report(CLI::App& app, Action& chosen);
void add_compare(CLI::App& app, Action& chosen);
void add_diagnose(CLI::App& app, Action& chosen);
void add_export(CLI::App& app, Action& chosen);
void add_verify(CLI::App& app, Action& chosen);
void add_checkpoint(CLI::App& app, Action& chosen);
void add_market(CLI::App& app, Action& chosen);
void add_simulate(CLI::App& app, Action& chosen);
void add_config(CLI::App& app, Action& chosen);
void add_doctor(CLI::App& app, Action& chosen);
void add_task_server(CLI::App& app, Action& chosen);

/// Checks every checksum of a study file and says what is wrong; `verify` and `checkpoint verify`.
[[nodiscard]] ExitCode print_verification(std::string const& path);

}  // namespace vaster::cli
