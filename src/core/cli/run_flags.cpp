#include "core/cli/run_flags.hpp"

#include <cstdlib>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "base/support/program_name.hpp"
#include "core/monitor/log.hpp"
#include "core/report/blocks.hpp"
#include "core/run/check.hpp"
#include "core/run/ending.hpp"
#include "core/run/start_ranks.hpp"
#include "core/store/keep.hpp"
#include "vaster/cli/domain.hpp"

namespace vaster::cli {
namespace {

std::string command_line_of(Invocation const& invocation) {
    std::string text;
    for (int i = 0; i < invocation.argc; ++i) text += (i > 0 ? " " : "") + legible(invocation.argv[i]);
    return text;
}

std::string text_in(char const* variable) {
    char const* const text = std::getenv(variable);
    return text == nullptr ? "" : text;
}

/// Becomes the launcher of several ranks; returns where one is asked for, which this process can be.
void start_ranks(std::string const& wanted, Invocation invocation) {
    auto const launcher = run::launcher_of_this_rank();
    require<UsageError>(
        !launcher, "--ranks {}: {} has started the ranks already; leave --ranks out, or start {} without {}",
        wanted, launcher.value_or(""), program_name(), launcher.value_or(""));
    auto const arguments = run::without_ranks(invocation);
    auto const n = run::rank_count(wanted, run::count_cores(run::usable_cpus()), run::oversubscription());
    if (n > 1) run::become_launcher(n, arguments);
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

void RunFlags::add_to(Command& command) {
    auto* resume = command.add_flag("--resume", resume_, "resume the study file; start it if there is none");
    command.add_flag("--overwrite", overwrite_, "replace the study file if there is one")->excludes(resume);
    command
        .add_option(
            "--ranks", [this](std::string const& text) { ranks_ = text; },
            "start so many processes on this machine, by vaster-mpirun; all: one on each physical core")
        ->option_text("N|all");
    command.add_flag("--quiet", options_.quiet, "neither progress nor summary; errors only");
    command
        .add_option("--log-file", options_.log_file,
                    "append what happens to this file: results, failures, retries, ranks that are lost")
        ->option_text("FILE");
    command
        .add_option(
            "--ending-file", options_.ending.file,
            "write exit code, one word (complete, failed, unfinished, no-time or refused) and the number of "
            "new results into this file, for scripts: mpirun --enable-recovery always ends with 0 "
            "(Env:VASTER_ENDING_FILE)")
        ->option_text("FILE");
    command
        .add_option("--log-level", options_.log_level,
                    "how much goes into the log file: debug, info, warning, error or off")
        ->one_of(monitor::log_level_names())
        ->option_text("LEVEL");
    command
        .add_option("--log-format", options_.log_format,
                    "how events stand in the log file: text or json, a line each")
        ->one_of(monitor::log_format_names())
        ->option_text("FORMAT");
    command
        .add_option("--status-dir", options_.status_directory,
                    "while the run lasts, keep a page with its state in this directory: index.html, "
                    "status.json and metrics.prom")
        ->option_text("DIR");
    command
        .add_option("--serve", options_.serve_at,
                    "show the page of --status-dir over HTTP, read only, to those who have the token that "
                    "the run prints "
                    "(Env:VASTER_SERVE_TOKEN, none: to everybody); the address is 127.0.0.1 unless given")
        ->option_text("[ADDRESS:]PORT");
}

run::RunOptions RunFlags::checked_options() const {
    run::RunOptions options = options_;
    if (resume_) options.existing = run::Existing::resume;
    if (overwrite_) options.existing = run::Existing::overwrite;
    auto const launcher = run::launchers_places();
    options.ending.launcher_file = launcher.launcher_file;
    options.ending.launcher_pipe = launcher.launcher_pipe;
    options.how_to_continue = text_in("VASTER_CONTINUE");
    store::keep_study(options.log_file, "--log-file");
    store::keep_study(options.ending.file, "--ending-file");
    store::keep_study(options.ending.launcher_file, "VASTER_ENDING_FILE");
    return options;
}

ExitCode RunFlags::check(Program const& program, study::ConfigSource const& source) const {
    fmt::print("{}\n", run::check_run(program.kinds, source, checked_options()).string());
    return ExitCode::success;
}

ExitCode RunFlags::run(Program const& program, std::function<study::ConfigSource()> const& source,
                       Invocation invocation,
                       std::function<ExitCode(std::filesystem::path const&, ExitCode)> afterwards) const {
    if (ranks_) start_ranks(*ranks_, invocation);
    run::RunOptions options = checked_options();
    options.started = program.started;
    options.verdicts = verdicts_of(program.domains);
    options.command_line = command_line_of(invocation);
    options.afterwards = std::move(afterwards);
    return run::run_study(program.kinds, source, options, invocation);
}

}  // namespace vaster::cli
