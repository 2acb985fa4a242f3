// vaster solve: optimisation problems, and their solutions.
#include <filesystem>
#include <memory>
#include <ostream>
#include <sstream>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/output.hpp"
#include "core/cli/run_flags.hpp"
#include "core/cli/study_flags.hpp"
#include "core/store/reader.hpp"
#include "domains/service/cli/commands.hpp"
#include "domains/service/solve/options.hpp"
#include "domains/service/solve/study.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

struct Flags {
    cli::StudyFlags keys;
    cli::RunFlags run;
    std::vector<std::string> files;
    std::string list;
    std::string output;
    bool no_fallback = false;
};

/// The files of the command line, then those of the list, one a line, relative to where the program runs.
std::vector<std::string> files_of(Flags const& flags) {
    std::vector<std::string> files;
    for (auto const& file : flags.files) files.push_back(absolute_path(file).string());
    if (!flags.list.empty()) {
        std::istringstream lines(read_file(flags.list));
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (!line.empty() && line.front() != '#') files.push_back(absolute_path(line).string());
        }
    }
    require<UsageError>(
        !files.empty(),
        "no problem is named: give files that end in .mps, .lp or .json, or --list FILES.txt");
    return files;
}

study::ConfigSource source_of(Flags const& flags) {
    require<UsageError>(!flags.output.empty(),
                        "--output is required: the study file that keeps the solutions");
    auto source = flags.keys.source();
    auto const set = [&](std::string key, Value const& value, std::string origin) {
        source.overrides.push_back({std::move(key), to_toml(value), std::move(origin)});
    };
    source.overrides.push_back({"study.kind", std::string(solve::solve_kind), "solve"});
    set("study.output", flags.output, "--output");
    set("solve.files", files_of(flags), "FILES");
    if (flags.no_fallback) set("solve.fallback", false, "--no-fallback");
    return source;
}

/// Problems that nobody could solve are told by the exit code, too.
ExitCode finish(Flags const& flags, fs::path const& path, ExitCode code) {
    store::Reader const study(path);
    std::size_t n_unsolved = 0;
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (!study.done(row)) continue;
        auto const outcome = solve::solved_of(study.experiment(row), study.cells(row)).outcome;
        if (outcome == "unknown" || outcome == "failed") ++n_unsolved;
    }
    if (n_unsolved == 0) return code;
    if (!flags.run.quiet())
        say("{}: {} of {} problems came to no result; the column 'fallbacks' says why", program_name(),
            n_unsolved, study.size());
    return code == ExitCode::success ? ExitCode::partial : code;
}

// ---- solve show

struct ShowFlags {
    std::string study;
    std::string problem;
    cli::OutputFlags output;
};

/// The row whose file is meant by a path, a name or a name without its ending.
std::size_t row_named(store::Reader const& study, std::string const& name) {
    std::vector<std::size_t> found;
    for (std::size_t row = 0; row < study.size(); ++row) {
        fs::path const path = std::get<std::string>(study.experiment(row).design.front());
        if (path == name || path.filename() == name || path.stem() == name) found.push_back(row);
    }
    require<UsageError>(!found.empty(), "there is no problem '{}' in {}; '{} solve show {}' lists them", name,
                        study.path().string(), program_name(), study.path().string());
    require<UsageError>(found.size() == 1, "'{}' means {} problems of {}; give the whole path", name,
                        found.size(), study.path().string());
    return found.front();
}

void write_list(store::Reader const& study, std::ostream& out) {
    out << "problem,outcome,confirmed,scope,objective,gap,solver,limit,fallbacks\n";
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& path = std::get<std::string>(study.experiment(row).design.front());
        if (!study.done(row)) {
            out << csv_line({path, "", "", "", "", "", "", "", ""}) << '\n';
            continue;
        }
        auto const one = solve::solved_of(study.experiment(row), study.cells(row));
        out << csv_line({path, one.outcome, one.confirmed ? "yes" : "no", one.scope,
                         number_text(one.objective), number_text(one.gap), one.solver, one.limit,
                         one.fallbacks})
            << '\n';
    }
}

void write_solution(store::Reader const& study, std::size_t row, std::ostream& out) {
    out << "part,name,value,dual\n";
    for (auto const& one : solve::solution_of(study.schema(), study.arrays(row).front()))
        out << csv_line({one.part, one.name, number_text(one.value), number_text(one.dual)}) << '\n';
}

ExitCode show(ShowFlags const& flags) {
    store::Reader const study(flags.study);
    require<DataError>(
        !study.schema().arrays.empty() && study.schema().arrays.front().name == solve::solution_array,
        "{} has no solutions: it is a study of another kind", flags.study);
    if (flags.problem.empty()) {
        flags.output.write([&](std::ostream& out) { write_list(study, out); });
        return ExitCode::success;
    }
    auto const row = row_named(study, flags.problem);
    require<DataError>(study.done(row), "'{}' has no result yet; '{} solve ... --resume' goes on",
                       flags.problem, program_name());
    auto const outcome = solve::solved_of(study.experiment(row), study.cells(row)).outcome;
    require<DataError>(outcome == "optimal" || outcome == "feasible",
                       "'{}' has no solution to show: it is {}", flags.problem, outcome);
    flags.output.write([&](std::ostream& out) { write_solution(study, row, out); });
    return ExitCode::success;
}

void add_show(cli::Command& solve, cli::Program& program) {
    auto const flags = std::make_shared<ShowFlags>();
    auto* command = solve.add_subcommand("show", "What came out, or the solution of one problem, as CSV");
    command->add_option("study", flags->study, "study file of 'solve'")->required()->option_text("SOLVE.h5");
    command->add_option("problem", flags->problem, "its file; without one all problems are listed")
        ->option_text("FILE");
    flags->output.add_to(*command);
    command->callback([flags, &program] { program.action = [flags](Invocation) { return show(*flags); }; });
}

}  // namespace

void add_solve(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind) {
    auto const flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("solve", "Solve optimisation problems given as files");
    command->add_option("files", flags->files, "problems: MPS, LP (as CPLEX has it) or JSON with formulas")
        ->option_text("FILES...");
    command->add_option("--list", flags->list, "file with a problem's file on each line")
        ->option_text("FILES.txt");
    command->add_option("-o,--output", flags->output, "the study file, which keeps the solutions")
        ->option_text("SOLVE.h5");
    command->add_flag("--no-fallback", flags->no_fallback, "ask one solver alone, whatever comes of it");
    flags->keys.add_keys_to(*command, *kind, {"--kind", "--output"});
    flags->run.add_to(*command);
    command->footer(
        "Outcomes: optimal, feasible, infeasible, unbounded, unknown, failed. Every answer is checked by an "
        "evaluation "
        "of our own; the program ends with 75 when a problem came to none.");
    add_show(*command, program);
    command->callback([flags, &program] {
        if (program.action) return;  // of 'solve show'
        program.action = [flags, &program](Invocation invocation) {
            return flags->run.run(
                program, [&] { return source_of(*flags); }, invocation,
                [&](fs::path const& path, ExitCode code) { return finish(*flags, path, code); });
        };
    });
}

}  // namespace vaster::service
