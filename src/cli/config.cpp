// vaster config: the configuration keys, their defaults, and a check of a file.
#include "vaster/study/config.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/workloads/catalogue.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    bool defaults = false;
    bool markdown = false;
    std::string kind = "va-comparison";
};

void print(Flags const& flags) {
    if (flags.defaults)
        fmt::print("{}", study::documented_defaults(study::all_tables(workloads::find_kind(flags.kind))));
    else if (flags.markdown)
        fmt::print("{}", study::markdown_reference(study::all_tables(workloads::find_kind(flags.kind))));
    else
        fmt::print("{}", study::to_toml(load_config(flags.study.source()).config));
}

}  // namespace

void add_config(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("config", "Check a configuration and print it whole, or print the defaults");
    flags->study.add_to(*command);
    auto* defaults =
        command->add_flag("--defaults", flags->defaults, "all keys with defaults and comments, as TOML");
    command->add_flag("--markdown", flags->markdown, "the reference page of the documentation")
        ->excludes(defaults);
    command->add_option("--kind", flags->kind, "kind of study whose keys to print")->capture_default_str();
    command->callback([flags, &chosen] {
        chosen = [flags](Invocation) {
            print(*flags);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
