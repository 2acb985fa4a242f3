// vaster stream run-file and benchmark: one file through one task.
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/run_flags.hpp"
#include "core/store/keep.hpp"
#include "core/store/reader.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/cli/file_flags.hpp"
#include "domains/stream/cli/metrics.hpp"
#include "domains/stream/study/jobs.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

struct Flags {
    FileFlags keys;
    cli::RunFlags run;
    std::string file;
    std::string output;   ///< empty: rows are not kept
    std::string study;    ///< empty: beside the output
    std::string metrics;  ///< file; empty: none
};

fs::path study_of(Flags const& flags) {
    if (!flags.study.empty()) return flags.study;
    if (!flags.output.empty()) return fs::path(flags.output).replace_extension(".h5");
    return fmt::format("{}.{}.h5", fs::path(flags.file).stem().string(), flags.keys.task());
}

bool is_same_file(fs::path const& a, fs::path const& b) {
    std::error_code not_there;
    return fs::equivalent(a, b, not_there);
}

/// Files that are read: records, configuration, and those that the task's keys name, such as annotations.
std::vector<fs::path> files_read(Flags const& flags, study::Kind const& kind,
                                 study::ConfigSource const& source) {
    auto files = named_files(options_of(study::load(kind, source)));
    files.insert(files.end(), {flags.file, source.path});
    return files;
}

void check_folder_of(std::string const& output) {
    if (output.empty()) return;
    auto const folder = absolute_path(output).parent_path();
    std::error_code not_there;
    require<IoError>(fs::is_directory(folder, not_there),
                     "--output {}: there is no folder {}; make it first, or name another place", output,
                     folder.string());
}

/// The output takes the place of nothing that is read, whatever may be overwritten.
void check_output(Flags const& flags, fs::path const& study, std::vector<fs::path> const& files_read) {
    for (auto const& file : files_read)
        for (auto const& path : {fs::path(flags.output), study, fs::path(flags.metrics)})
            require<UsageError>(path.empty() || !is_same_file(path, file),
                                "{} would be written over {}, which is read; choose another name",
                                path.string(), file.string());
    check_folder_of(flags.output);
    require<UsageError>(flags.output.empty() || fs::path(flags.output) != study,
                        "{} is the study file, too: choose another name with --study", flags.output);
    require<UsageError>(
        flags.output.empty() || !fs::exists(flags.output) || fs::is_regular_file(flags.output),
        "--output {}: exists and is not a plain file; name a file", flags.output);
    store::keep_study(flags.output, "--output");
}

study::ConfigSource source_of(Flags const& flags, study::Kind const& kind) {
    auto source = flags.keys.source();
    fs::path const study = study_of(flags);
    auto const set = [&](std::string key, Value const& value, std::string origin) {
        source.overrides.push_back({std::move(key), vaster::to_toml(value), std::move(origin)});
    };
    set("study.output", study.string(), "--study");
    set("input.files", std::vector<std::string>{absolute_path(flags.file).string()}, "FILE");
    if (!flags.output.empty()) set("output.directory", side_folder(study).string(), "--output");
    check_output(flags, study, files_read(flags, kind, source));
    for (auto const& path : {flags.output, flags.metrics})
        if (!path.empty()) source.files.emplace_back(path);
    return source;
}

/// Gives the rows of the one job the name that the user wants. They stay where the study looks for them, too.
void hand_over(Flags const& flags, fs::path const& study) {
    fs::path const rows =
        side_folder(study) / fmt::format("{}.{}", flags.keys.task(), flags.keys.is_plain() ? "txt" : "csv");
    if (is_same_file(rows, flags.output)) return;
    std::error_code problem;
    fs::remove(flags.output, problem);
    fs::create_hard_link(rows, flags.output, problem);
    if (!problem) return;
    fs::copy_file(rows, flags.output, fs::copy_options::overwrite_existing, problem);
    require<IoError>(!problem, "cannot write {}: {}; the rows are in {}", flags.output, problem.message(),
                     rows.string());
}

void write_metrics(Flags const& flags, std::map<std::string, Metrics> const& jobs) {
    if (flags.metrics.empty()) return;
    std::ostringstream text;
    auto const document = document_of(jobs);
    if (fs::path(flags.metrics).extension() == ".csv")
        report::write_csv(text, report::find_table(document, "actor_metrics"));
    else
        report::write_json(text, document);
    store::keep_study(flags.metrics, "--metrics");
    write_file_atomically(flags.metrics, std::move(text).str());
}

ExitCode finish(Flags const& flags, fs::path const& path, ExitCode code) {
    store::Reader const study(path);
    auto const jobs = metrics_of(study);
    write_metrics(flags, jobs);
    if (code == ExitCode::success && !flags.output.empty()) hand_over(flags, path);
    if (flags.run.quiet()) return code;
    for (auto const& [job, metrics] : jobs) fmt::print("\n{}", to_text(table_of(job, metrics)));
    return code;
}

/// What both commands have.
std::shared_ptr<Flags> add_common(cli::Command& command, study::Kind const& kind) {
    auto flags = std::make_shared<Flags>();
    flags->keys.add_to(command, kind);
    command.add_option("file", flags->file, "file of records; .gz, too")->required()->option_text("FILE");
    command
        .add_option("--study", flags->study,
                    "the study file, which keeps counts and timings; beside the output if not given")
        ->option_text("STUDY.h5");
    command
        .add_option(
            "--metrics", flags->metrics,
            "write counts, time and rate with the names of PyRIoTBench: all as JSON, or those of the ranks "
            "as CSV where the name ends in .csv")
        ->option_text("FILE");
    flags->run.add_to(command);
    flags->run.set_study_flag("--study");
    return flags;
}

void act(cli::Command& command, cli::Program& program, std::shared_ptr<Flags> const& flags,
         study::Kind const& kind) {
    command.callback([flags, &program, &kind] {
        program.action = [flags, &program, &kind](Invocation invocation) {
            return flags->run.run(
                program, [&] { return source_of(*flags, kind); }, invocation,
                [&](fs::path const& path, ExitCode code) { return finish(*flags, path, code); });
        };
    });
}

}  // namespace

void add_run_file(cli::Command& stream, cli::Program& program, study::Kind const& kind) {
    cli::Command* const command =
        stream.add_subcommand("run-file", "Put a file through a task; alone or on every rank");
    auto const flags = add_common(*command, kind);
    command
        ->add_option(
            "-o,--output", flags->output,
            "file for the results, in the order of the records; without it they are counted and hashed "
            "only")
        ->option_text("OUT");
    act(*command, program, flags, kind);
}

void add_benchmark(cli::Command& stream, cli::Program& program, study::Kind const& kind) {
    cli::Command* const command = stream.add_subcommand(
        "benchmark", "How fast a task takes the records of a file; results are counted and hashed");
    act(*command, program, add_common(*command, kind), kind);
}

}  // namespace vaster::stream
