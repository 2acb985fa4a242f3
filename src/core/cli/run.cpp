// vaster run: the command line of a run.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/support/program_name.hpp"
#include "core/cli/study_flags.hpp"
#include "core/monitor/log.hpp"
#include "core/run/run_study.hpp"
#include "core/run/start_ranks.hpp"
#include "vaster/cli/command.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    run::RunOptions options;
    bool resume = false;
    bool overwrite = false;
    std::string ranks = {};  ///< as --ranks says
};

std::string command_line_of(Invocation const& invocation) {
    std::string text;
    for (int i = 0; i < invocation.argc; ++i) text += (i > 0 ? " " : "") + std::string(invocation.argv[i]);
    return text;
}

/// Becomes the launcher of several ranks; returns where one is asked for, which this process can be.
void start_ranks(std::string const& wanted, Invocation invocation) {
    auto const launcher = run::launcher_of_this_rank();
    require<UsageError>(
        !launcher,
        "--ranks {}: {} has started the ranks already; leave --ranks out, or start '{} run' without {}",
        wanted, launcher.value_or(""), program_name(), launcher.value_or(""));
    auto const arguments = run::without_ranks(invocation);
    bool const has_ending_file = std::any_of(arguments.begin(), arguments.end(), [](auto const& argument) {
        return argument == "--ending-file" || argument.starts_with("--ending-file=");
    });
    require<UsageError>(!has_ending_file,
                        "--ranks {}: ends with the code of the run by itself, so leave --ending-file out",
                        wanted);
    auto const n = run::rank_count(wanted, run::count_cores(run::usable_cpus()), run::oversubscription());
    if (n > 1) run::become_launcher(n, arguments);
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
    command
        ->add_option(
            "--ranks", flags->ranks,
            "start so many processes on this machine, by vaster-mpirun; all: one on each physical core")
        ->option_text("N|all");
    command->add_flag("--quiet", flags->options.quiet, "neither progress nor summary; errors only");
    command->add_option("--log-file", flags->options.log_file, "append events to this file")
        ->option_text("FILE");
    command
        ->add_option("--ending-file", flags->options.ending_file,
                     "write exit code and complete, failed, unfinished or refused into this file: mpirun "
                     "--enable-recovery always ends with 0")
        ->envname("VASTER_ENDING_FILE")
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
    command->callback([flags, command, &program] {
        program.action = [flags, command, &kinds = program.kinds,
                          started = program.started](Invocation invocation) {
            if (command->count("--ranks") > 0) start_ranks(flags->ranks, invocation);
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
