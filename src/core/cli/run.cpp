// vaster run: the command line of a run.
#include <memory>

#include <CLI/CLI.hpp>

#include "core/cli/study_flags.hpp"
#include "core/monitor/log.hpp"
#include "core/run/run_study.hpp"
#include "core/store/keep.hpp"
#include "vaster/cli/command.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    run::RunOptions options;
    bool resume = false;
    bool overwrite = false;
};

/// A path that the run writes to, where no study file may lie: it would be lost before anybody asks.
CLI::Validator not_a_study() {
    return {[](std::string& path) -> std::string {
                return store::begins_as_study(path)
                           ? path + " is a study file, and nothing else is written there: give another name"
                           : "";
            },
            ""};
}

std::string command_line_of(Invocation const& invocation) {
    std::string text;
    for (int i = 0; i < invocation.argc; ++i) text += (i > 0 ? " " : "") + std::string(invocation.argv[i]);
    return text;
}

}  // namespace

void add_run(CLI::App& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand("run", "Run a study: alone, or on every rank of mpirun or srun");
    flags->study.add_to(*command, program.kind);
    auto* resume =
        command->add_flag("--resume", flags->resume, "resume the study file; start it if there is none");
    command->add_flag("--overwrite", flags->overwrite, "replace the study file if there is one")
        ->excludes(resume);
    command->add_flag("--quiet", flags->options.quiet, "neither progress nor summary; errors only");
    command->add_option("--log-file", flags->options.log_file, "append events to this file")
        ->check(not_a_study())
        ->option_text("FILE");
    command
        ->add_option(
            "--ending-file", flags->options.ending_file,
            "write exit code and complete, failed, unfinished, no-time or refused into this file: mpirun "
            "--enable-recovery always ends with 0")
        ->envname("VASTER_ENDING_FILE")
        ->check(not_a_study())
        ->option_text("FILE");
    command->add_option("--log-level", flags->options.log_level, "debug, info, warning, error or off")
        ->check(CLI::IsMember(monitor::log_level_names()))
        ->option_text("LEVEL");
    command->add_option("--log-format", flags->options.log_format, "text or json, a line each")
        ->check(CLI::IsMember(monitor::log_format_names()))
        ->option_text("FORMAT");
    command
        ->add_option("--status-dir", flags->options.status_directory,
                     "keep index.html, status.json and metrics.prom in this directory up to date")
        ->option_text("DIR");
    command
        ->add_option("--serve", flags->options.serve_at,
                     "show the same over HTTP, read only; the address is 127.0.0.1 unless given")
        ->option_text("[ADDRESS:]PORT");
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds, started = program.started](Invocation invocation) {
            run::RunOptions options = flags->options;
            if (flags->resume) options.existing = run::Existing::resume;
            if (flags->overwrite) options.existing = run::Existing::overwrite;
            options.started = started;
            options.command_line = command_line_of(invocation);
            return run::run_study(
                kinds, [&] { return flags->study.source(); }, options, invocation);
        };
    });
}

}  // namespace vaster::cli
