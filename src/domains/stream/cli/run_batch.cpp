// vaster stream run-batch: several files through one task, each a study of its own.
#include <cerrno>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/run/start_ranks.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/cli/file_flags.hpp"
#include "vaster/support/errors.hpp"

extern char** environ;

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

struct Flags {
    FileFlags keys;
    std::vector<std::string> files;
    std::string directory = ".";
    std::string ranks;
    bool overwrite = false;
    bool resume = false;
    bool quiet = false;
};

fs::path output_of(Flags const& flags, std::string const& file) {
    return fs::path(flags.directory) / fmt::format("{}_output.txt", fs::path(file).stem().string());
}

/// No two files may have one output.
void check_names(Flags const& flags) {
    std::map<fs::path, std::string> taken;
    for (auto const& file : flags.files) {
        auto const [place, is_new] = taken.emplace(output_of(flags, file), file);
        require<UsageError>(is_new,
                            "{} and {} would both be written to {}: put them into batches of their own",
                            place->second, file, place->first.string());
    }
}

/// The command line of a file's own run.
std::vector<std::string> arguments_for(Flags const& flags, std::string const& file,
                                       std::vector<study::Override> const& keys) {
    std::vector<std::string> arguments{
        std::string(program_name()),    "stream", "run-file", flags.keys.task(), file, "--output",
        output_of(flags, file).string()};
    auto const add = [&](std::string text) { arguments.push_back(std::move(text)); };
    if (!flags.keys.config().empty()) {
        add("--config");
        add(flags.keys.config());
    }
    if (!flags.ranks.empty()) {
        add("--ranks");
        add(flags.ranks);
    }
    if (flags.keys.is_plain()) add("--plain");
    if (flags.overwrite) add("--overwrite");
    if (flags.resume) add("--resume");
    if (flags.quiet) add("--quiet");
    for (auto const& key : keys) {
        if (key.key == "study.kind" || key.key == "stream.jobs" || key.key == "output.form") continue;
        add("--set");
        add(fmt::format("{}={}", key.key, key.text));
    }
    return arguments;
}

/// Runs the program with these arguments. @returns its exit status; 70 when a signal ended it
int run_program(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    int const problem =
        ::posix_spawn(&child, program_path().c_str(), nullptr, nullptr, pointers.data(), environ);
    require<IoError>(problem == 0, "cannot start {}: {}", program_path().string(), system_reason(problem));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        require<IoError>(errno == EINTR, "cannot wait for {}: {}", arguments.front(), system_reason(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ExitCode::internal);
}

/// What is wrong with the configuration is said once, and not by the run of each file.
void check_config(Flags const& flags, study::ConfigSource source, study::Kinds const& kinds) {
    auto const set = [&](std::string key, Value const& value, std::string origin) {
        source.overrides.push_back({std::move(key), vaster::to_toml(value), std::move(origin)});
    };
    set("study.output", output_of(flags, flags.files.front()).replace_extension(".h5").string(), "--output");
    set("input.files", flags.files, "FILES");
    (void)kinds.load(source);
}

ExitCode run_batch(Flags const& flags, study::Kinds const& kinds) {
    auto const launcher = run::launcher_of_this_rank();
    require<UsageError>(!launcher,
                        "run-batch starts a run of its own for each file: leave {} out, and give --ranks N",
                        launcher.value_or(""));
    check_names(flags);
    auto const source = flags.keys.source();
    check_config(flags, source, kinds);
    auto const& keys = source.overrides;
    std::error_code problem;
    fs::create_directories(flags.directory, problem);
    require<IoError>(!problem, "cannot make the folder {}: {}", flags.directory, problem.message());
    std::vector<std::string> failed;
    for (auto const& file : flags.files) {
        int const status = run_program(arguments_for(flags, file, keys));
        if (status != 0) failed.push_back(fmt::format("{} ({})", file, status));
    }
    if (failed.empty()) return ExitCode::success;
    say("{}: {} of {} files failed, with their exit codes: {}", program_name(), failed.size(),
        flags.files.size(), fmt::join(failed, ", "));
    return ExitCode::partial;
}

}  // namespace

void add_run_batch(cli::Command& stream, cli::Program& program, study::Kind const& kind) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* const command =
        stream.add_subcommand("run-batch", "Put several files through a task, one after the other");
    flags->keys.add_to(*command, kind);
    command->add_option("files", flags->files, "files of records, each a stream of its own")
        ->required()
        ->option_text("FILES...");
    command->add_option("-o,--output", flags->directory, "folder for STEM_output.txt of each file")
        ->capture_default_str()
        ->option_text("DIR");
    command->add_option("--ranks", flags->ranks, "processes for each file; all: one on each physical core")
        ->option_text("N|all");
    command->add_flag("--overwrite", flags->overwrite, "replace what is there");
    command->add_flag("--resume", flags->resume, "go on with what is there");
    command->add_flag("--quiet", flags->quiet, "errors only");
    command->footer("A file that fails is named, the others go on, and the program ends with 75.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return run_batch(*flags, program.kinds); };
    });
}

}  // namespace vaster::stream
