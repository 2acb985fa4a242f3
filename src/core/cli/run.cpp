// vaster run: the command line of a run.
#include <memory>

#include <fmt/core.h>

#include "base/support/program_name.hpp"
#include "core/cli/run_flags.hpp"
#include "core/cli/study_flags.hpp"
#include "vaster/cli/command.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    RunFlags run;
    bool check = false;
};

}  // namespace

void add_run(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand("run", "Run a study: alone, or on every rank of mpirun or srun");
    flags->study.add_to(*command, program.kind);
    flags->run.add_to(*command);
    command->add_flag("--check", flags->check,
                      "run nothing: check the configuration, and that every file can be written here; print "
                      "the name of the study file");
    command->footer(
        fmt::format("Flags with a key in brackets at their end are those of kind {0}. Others: '{1} run "
                    "--kind KIND --help'; "
                    "'{1} --help' lists the kinds.",
                    program.kind.name(), program_name()));
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation invocation) {
            if (flags->check) return flags->run.check(program, flags->study.source());
            return flags->run.run(
                program, [flags] { return flags->study.source(); }, invocation);
        };
    });
}

}  // namespace vaster::cli
