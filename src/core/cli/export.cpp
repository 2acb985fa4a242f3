// vaster export: the results as CSV or JSON.
#include "core/report/export.hpp"

#include <fstream>
#include <iostream>
#include <memory>

#include "base/support/streamed_file.hpp"
#include "core/store/keep.hpp"
#include "core/store/reader.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/domain.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string path;
    std::string output;
    bool csv = false;
    bool json = false;
    std::string array;  ///< empty: none
    bool without_timings = false;
};

void write(std::ostream& out, store::Reader const& reader, Flags const& flags) {
    auto const timings = flags.without_timings ? report::Timings::leave_out : report::Timings::show;
    if (!flags.array.empty())
        report::export_array(out, reader, flags.array);
    else if (flags.json)
        report::export_json(out, reader, timings);
    else
        report::export_csv(out, reader, timings);
}

}  // namespace

void add_export(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand("export", "Write the results as CSV or JSON");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    auto* csv = command->add_flag("--csv", flags->csv, "one row per experiment (the default)");
    auto* json =
        command->add_flag("--json", flags->json, "the same with configuration and provenance")->excludes(csv);
    auto* array =
        command
            ->add_option("--array", flags->array,
                         "one CSV row per element of this array of every experiment; a wrong name is "
                         "answered with those there are")
            ->option_text("NAME")
            ->excludes(csv)
            ->excludes(json);
    for (auto const& domain : program.domains)
        for (auto const& alias : domain.array_flags)
            command
                ->add_flag(
                    alias.flag, [flags, &alias] { flags->array = alias.array; },
                    fmt::format("{}: --array {}", alias.doc, alias.array))
                ->excludes(csv)
                ->excludes(json)
                ->excludes(array);
    command->add_flag("--without-timings", flags->without_timings,
                      "leave out seconds, memory, rank, host, attempt: equal studies give equal bytes");
    command->add_option("--output", flags->output, "file to write; standard output if not given")
        ->option_text("FILE");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            store::keep_study(flags->output, "--output");
            store::Reader const reader(flags->path);
            if (flags->output.empty()) {
                write(std::cout, reader, *flags);
                require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
            } else {
                stream_file_atomically(flags->output, [&](std::ostream& out) { write(out, reader, *flags); });
            }
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
