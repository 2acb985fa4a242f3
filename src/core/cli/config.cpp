// vaster config: the configuration keys, their defaults, and a check of a file.
#include "vaster/study/config.hpp"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/support/program_name.hpp"
#include "core/cli/study_flags.hpp"
#include "vaster/cli/command.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    bool defaults = false;
    bool markdown = false;
};

/// Opens the study as `plan` does, so that keys which the data contradict are refused here, too. Data that
/// are not on this machine, or devices, are no mistake of the configuration.
void check_against_data(study::LoadedConfig const& loaded) {
    try {
        (void)loaded.kind->open(loaded.config, study::FromSource());
    } catch (IoError const& error) {
        fmt::print(stderr, "{}: not checked against the data: {}\n", program_name(), error.what());
    } catch (UnavailableError const& error) {
        fmt::print(stderr, "{}: not checked against the data: {}\n", program_name(), error.what());
    }
}

void print(Flags const& flags, study::Kinds const& kinds) {
    auto const source = flags.study.source();
    if (!flags.defaults && !flags.markdown) {
        auto const loaded = kinds.load(source);
        check_against_data(loaded);
        fmt::print("{}", study::to_toml(loaded.config));
        return;
    }
    if (flags.defaults)
        fmt::print("{}", study::documented_defaults(study::all_tables(kinds.of(source))));
    else
        fmt::print("{}", study::markdown_reference(study::all_tables(kinds.of(source))));
}

}  // namespace

void add_config(CLI::App& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("config",
                           "Check a configuration and the data that it names, and print it whole; or "
                           "print the defaults");
    flags->study.add_to(*command, program.kind);
    auto* defaults = command->add_flag("--defaults", flags->defaults,
                                       "all keys of the kind with defaults and comments, as TOML");
    command->add_flag("--markdown", flags->markdown, "the reference page of the documentation")
        ->excludes(defaults);
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) {
            print(*flags, kinds);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
