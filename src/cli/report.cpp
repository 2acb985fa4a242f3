// vaster report: the summary tables of a study file.
#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/store/reader.hpp"

namespace vaster::cli {

void add_report(CLI::App& app, Action& chosen) {
    auto const path = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("report", "Print the summary tables of a study: means, transfer matrices");
    command->add_option("study", *path, "the study file")->required()->option_text("STUDY.h5");
    command->callback([path, &chosen] {
        chosen = [path](Invocation) {
            store::Reader const reader(*path);
            LoadedConfig const loaded = load_config({*path, reader.header().config, {}});
            char const* separator = "";
            for (auto const& table : loaded.kind->summary(loaded.config, reader.schema(), reader)) {
                fmt::print("{}{}", separator, to_text(table));
                separator = "\n";
            }
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
