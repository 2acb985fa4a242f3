#pragma once  // May change before 1.0.

#include <functional>
#include <string>
#include <vector>

#include "vaster/cli/command_line.hpp"
#include "vaster/study/kinds.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/invocation.hpp"

namespace vaster::cli {

struct Domain;

/// What the command line asks for, to be done when all of it has been read.
using Action = std::function<ExitCode(Invocation)>;

/// What the subcommands of one program share.
struct Program {
    std::vector<Domain> const& domains;
    study::Kinds const& kinds;  ///< of all domains
    study::Kind const& kind;    ///< that the command line names: `run` and its like have its flags
    double started = 0;         ///< monotonic_seconds() when the program began
    Action action = {};         ///< set by the subcommand that is the one
};

/// Adds one subcommand, which sets `program.action` when it is the one. Both arguments outlive it.
using AddCommand = std::function<void(Command& app, Program& program)>;

void add_run(Command& app, Program& program);
void add_plan(Command& app, Program& program);
void add_status(Command& app, Program& program);
void add_report(Command& app, Program& program);
void add_export(Command& app, Program& program);
void add_verify(Command& app, Program& program);
void add_checkpoint(Command& app, Program& program);
void add_config(Command& app, Program& program);
void add_doctor(Command& app, Program& program);
void add_model(Command& app, Program& program);
void add_task_server(Command& app, Program& program);

/// Checks every checksum of a study file and says what is wrong; `verify` and `checkpoint verify`.
[[nodiscard]] ExitCode print_verification(std::string const& path);

}  // namespace vaster::cli
