#include "vaster/cli/program.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "base/support/problem.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/study_flags.hpp"
#include "core/run/version.hpp"

namespace vaster::cli {

namespace {

constexpr std::string_view exit_codes =
    "Exit codes: 0 all done, 64 usage, 65 bad data or file, 69 something needed is not there, 70 bug, 74 "
    "reading or\n"
    "writing failed, 71 all done but a rank was lost on the way, 75 stopped early or some experiments failed "
    "(--resume continues), 78 bad configuration.";

/// The lines with the name of this program for "vaster".
std::string in_the_name_of(std::string const& program, std::string lines) {
    constexpr std::string_view vaster = " vaster ";
    std::string const own = fmt::format(" {} ", program);
    for (auto at = lines.find(vaster); at != std::string::npos; at = lines.find(vaster, at + own.size() - 1))
        lines.replace(at, vaster.size(), own);
    return lines;
}

/// The first commands, the exit codes, and what there is to study.
std::string footer_of(std::string const& program, std::vector<Domain> const& domains) {
    std::string kinds = "\n\nKinds of study (the first unless study.kind or --kind names another):\n";
    std::string steps;
    for (auto const& domain : domains) {
        for (auto const& kind : domain.kinds) kinds += fmt::format("  {:<16}{}\n", kind->name(), kind->doc());
        steps += in_the_name_of(program, domain.first_steps);
    }
    if (kinds.ends_with('\n')) kinds.pop_back();
    return fmt::format("{}{}{}{}", steps.empty() ? "" : "\nFirst steps:\n", steps, exit_codes, kinds);
}

std::string version_text(std::string const& program) {
    std::string const vaster = fmt::format("vaster {}", run::version());
    return program == "vaster" ? vaster : fmt::format("{}, built with {}", program, vaster);
}

/// Under mpirun every rank would say the same: only the first one does. Known before MPI is up.
bool is_first_rank() {
    for (char const* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
        if (char const* rank = std::getenv(name)) return std::string_view(rank) == "0";
    return true;
}

void complain(std::string_view text) {
    if (is_first_rank()) say("{}: {}", program_name(), text);
}

/// A piece of output that was too long for the buffer has failed at once.
bool is_about_output(std::system_error const& error) {
    return std::ferror(stdout) != 0 &&
           dynamic_cast<std::filesystem::filesystem_error const*>(&error) == nullptr;
}

int output_lost(std::string_view reason) {
    complain(fmt::format("cannot write to standard output: {}", reason));
    return static_cast<int>(ExitCode::io);
}

/// What a command has printed must have got out, or it has not done what it was asked for, whatever its code
/// says of a study.
int code_with_output(int code) {
    std::string const problem = flush_output();
    return problem.empty() ? code : output_lost(problem);
}

int end_with(Command::Ending const& ending) {
    if (!ending.wrong) {
        if (is_first_rank()) fmt::print("{}", ending.text);
        return code_with_output(static_cast<int>(ExitCode::success));
    }
    complain(fmt::format("{}\nRun with --help for more information.", ending.text));
    return static_cast<int>(ExitCode::usage);
}

}  // namespace

study::Kinds kinds_of(std::vector<Domain> const& domains) {
    std::vector<std::shared_ptr<study::Kind const>> kinds;
    for (auto const& domain : domains) kinds.insert(kinds.end(), domain.kinds.begin(), domain.kinds.end());
    return study::Kinds(std::move(kinds));
}

namespace {

/// What an exception that ends the program says.
int end_by(std::exception const& error) {
    auto const* failed = dynamic_cast<std::system_error const*>(&error);
    if (failed != nullptr && is_about_output(*failed)) return output_lost(failed->code().message());
    auto const problem = problem_of(error);
    complain(problem.text);
    return static_cast<int>(problem.code);
}

int run_action(Program const& program, Invocation invocation) {
    return code_with_output(static_cast<int>(program.action(invocation)));
}

int run_command(int argc, char** argv, std::vector<Domain> const& domains) {
    double const started = monotonic_seconds();
    std::string const name = program_name();
    Command app(
        fmt::format(
            "{}: runs families of experiments on MPI ranks, into one study file that survives interruptions.",
            name),
        name);
    app.require_subcommand();
    app.version(version_text(name));
    study::Kinds const kinds = kinds_of(domains);
    std::span<char const* const> const arguments(argv, static_cast<std::size_t>(argc));
    Program program{domains, kinds, kind_on_command_line(arguments.subspan(1), kinds), started};
    for (auto* add : {add_run, add_plan, add_status, add_report, add_export, add_verify, add_checkpoint,
                      add_model, add_config, add_doctor, add_task_server})
        add(app, program);
    for (auto const& domain : domains)
        for (auto const& add : domain.commands) add(app, program);
    app.footer(footer_of(name, domains));  // last, for subcommands would inherit it
    if (auto const ending = app.parse(argc, argv)) return end_with(*ending);
    return run_action(program, {argc, argv});
}

}  // namespace

int run_program(int argc, char** argv, std::vector<Domain> const& domains) {
    open_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, with a message
    try {
        return run_command(argc, argv, domains);
    } catch (std::exception const& error) {
        return end_by(error);
    }
}

}  // namespace vaster::cli
