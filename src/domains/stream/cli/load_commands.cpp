// vaster stream rate and peak: at which latency, and up to which rate, a task takes the records of files.
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "core/cli/run_flags.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/cli/file_flags.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

struct Flags {
    FileFlags keys;
    cli::RunFlags run;
    std::vector<std::string> files;
    std::string study;  ///< empty: STEM.TASK.MODE.h5
};

fs::path study_of(Flags const& flags, std::string const& mode) {
    if (!flags.study.empty()) return flags.study;
    return fmt::format("{}.{}.{}.h5", fs::path(flags.files.front()).stem().string(), flags.keys.task(), mode);
}

study::ConfigSource source_of(Flags const& flags, std::string const& mode) {
    auto source = flags.keys.source();
    fs::path const study = study_of(flags, mode);
    std::vector<std::string> files;
    files.reserve(flags.files.size());
    for (auto const& file : flags.files) {
        std::error_code not_there;
        require<UsageError>(
            !fs::equivalent(study, file, not_there),
            "the study file {} would be written over {}, which is read; choose another --study",
            study.string(), file);
        files.push_back(absolute_path(file).string());
    }
    // Unless the user says otherwise, one worker takes the whole stream.
    if (flags.keys.config().empty())
        source.overrides.insert(source.overrides.begin(),
                                study::Override{"stream.partitions", "1", fmt::format("stream {}", mode)});
    auto const set = [&](std::string key, Value const& value, std::string origin) {
        source.overrides.push_back({std::move(key), vaster::to_toml(value), std::move(origin)});
    };
    set("stream.mode", mode, fmt::format("stream {}", mode));
    set("study.output", study.string(), "--study");
    set("input.files", files, "FILES");
    return source;
}

void add_mode(cli::Command& stream, cli::Program& program, study::Kind const& kind, std::string const& mode,
              std::string const& doc, std::string const& footer) {
    cli::Command* const command = stream.add_subcommand(mode, doc);
    auto const flags = std::make_shared<Flags>();
    flags->keys.add_to(*command, kind);
    command->add_option("files", flags->files, "files of records, in the order of the stream; .gz, too")
        ->required()
        ->option_text("FILES...");
    command
        ->add_option("--study", flags->study,
                     fmt::format("the study file, which keeps all of it; STEM.TASK.{}.h5 if not given", mode))
        ->option_text("STUDY.h5");
    flags->run.add_to(*command);
    flags->run.set_study_flag("--study");
    command->footer(footer);
    command->callback([flags, mode, &program] {
        program.action = [flags, mode, &program](Invocation invocation) {
            return flags->run.run(
                program, [&] { return source_of(*flags, mode); }, invocation,
                [](fs::path const&, ExitCode code) { return code; });
        };
    });
}

}  // namespace

void add_rate(cli::Command& stream, cli::Program& program, study::Kind const& kind) {
    add_mode(stream, program, kind, "rate", "Latencies of a task at given rates of arrival",
             "Arrivals are fixed before the start, whatever becomes of the records before: latency = end - "
             "arrival counts the wait for them. Rates are those of a worker; with --partitions N each of N "
             "parts of the stream is offered at them.");
}

void add_peak(cli::Command& stream, cli::Program& program, study::Kind const& kind) {
    add_mode(
        stream, program, kind, "peak", "The highest rate of arrival that a task sustains",
        "A rate is sustained when, in each of peak.repeats trials, 99.9 % of the records that came after "
        "the warm-up are done at the end, the backlog does not grow by more than 0.1 % of the rate, and "
        "the 99th percentile of latency is at most peak.latency.");
}

}  // namespace vaster::stream
