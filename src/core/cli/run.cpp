// vaster run: the command line of a run.
#include <memory>

#include <CLI/CLI.hpp>

#include "core/cli/study_flags.hpp"
#include "core/monitor/log.hpp"
#include "core/report/blocks.hpp"
#include "core/run/run_study.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/domain.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    run::RunOptions options;
    bool resume = false;
    bool overwrite = false;
};

std::string command_line_of(Invocation const& invocation) {
    std::string text;
    for (int i = 0; i < invocation.argc; ++i) text += (i > 0 ? " " : "") + std::string(invocation.argv[i]);
    return text;
}

/// What the chapters of the domains say in words, as text.
std::map<std::string, run::VerdictOf> verdicts_of(std::vector<Domain> const& domains) {
    std::map<std::string, run::VerdictOf> verdicts;
    for (auto const& domain : domains)
        for (auto const& chapter : domain.chapters)
            if (chapter.verdict)
                verdicts[chapter.kind] = [verdict = chapter.verdict](store::Reader const& study) {
                    return report::text_of(verdict(study), report::verdict_heading);
                };
    return verdicts;
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
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds, &domains = program.domains,
                          started = program.started](Invocation invocation) {
            run::RunOptions options = flags->options;
            if (flags->resume) options.existing = run::Existing::resume;
            if (flags->overwrite) options.existing = run::Existing::overwrite;
            options.started = started;
            options.verdicts = verdicts_of(domains);
            options.command_line = command_line_of(invocation);
            return run::run_study(
                kinds, [&] { return flags->study.source(); }, options, invocation);
        };
    });
}

}  // namespace vaster::cli
