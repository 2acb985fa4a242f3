// vaster export: the results as CSV or JSON.
#include "vaster/report/export.hpp"

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/store/reader.hpp"
#include "vaster/support/files.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string path;
    std::string output;
    bool csv = false;
    bool json = false;
    bool predictions = false;
    bool without_timings = false;
};

void write(std::ostream& out, store::Reader const& reader, Flags const& flags) {
    auto const timings = flags.without_timings ? report::Timings::leave_out : report::Timings::show;
    if (flags.predictions)
        report::export_array(out, reader, "predictions");
    else if (flags.json)
        report::export_json(out, reader, timings);
    else
        report::export_csv(out, reader, timings);
}

}  // namespace

void add_export(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand("export", "Write the results as CSV or JSON");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    auto* csv = command->add_flag("--csv", flags->csv, "one row per experiment (the default)");
    auto* json =
        command->add_flag("--json", flags->json, "the same with configuration and provenance")->excludes(csv);
    command->add_flag("--predictions", flags->predictions, "one CSV row per test death and experiment")
        ->excludes(csv)
        ->excludes(json);
    command->add_flag("--without-timings", flags->without_timings,
                      "leave out seconds, memory, rank, host, attempt: equal studies give equal bytes");
    command->add_option("--output", flags->output, "file to write; standard output if not given")
        ->option_text("FILE");
    command->callback([flags, &chosen] {
        chosen = [flags](Invocation) {
            store::Reader const reader(flags->path);
            if (flags->output.empty()) {
                write(std::cout, reader, *flags);
                require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
            } else {
                std::ostringstream text;
                write(text, reader, *flags);
                write_file_atomically(flags->output, std::move(text).str());
            }
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
