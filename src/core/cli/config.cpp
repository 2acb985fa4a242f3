// vaster config: the configuration keys, their defaults, and a check of a file.
#include "vaster/study/config.hpp"

#include <memory>
#include <string>
#include <variant>

#include <fmt/core.h>

#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/study_flags.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/study/renamed_keys.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    bool defaults = false;
    bool markdown = false;
    std::string key;  ///< whose value alone is printed; empty: all
};

/// Opens the study as `plan` does, so that keys which the data contradict are refused here, too. Data that
/// are not on this machine, or devices, are not a mistake of the configuration.
void check_against_data(study::LoadedConfig const& loaded) {
    try {
        (void)loaded.kind->open(loaded.config, study::FromSource());
    } catch (IoError const& error) {
        say("{}: not checked against the data: {}", program_name(), error.what());
    } catch (UnavailableError const& error) {
        say("{}: not checked against the data: {}", program_name(), error.what());
    }
}

void print_whole(study::Kinds const& kinds, study::ConfigSource const& source) {
    study::LoadedConfig const loaded = kinds.load(source);
    for (auto const& note : study::notes_on_renamed_keys(*loaded.kind, source)) say("note: {}", note);
    check_against_data(loaded);
    fmt::print("{}", study::to_toml(loaded.config));
}

bool is_known(study::Config const& config, std::string const& key) {
    for (auto const& table : config.tables())
        for (auto const& parameter : table.keys)
            if (key == fmt::format("{}.{}", table.name, parameter.name)) return true;
    return false;
}

/// For scripts: texts as they are, so that a path need not be freed from quotes; anything else as TOML.
void print_value(study::Kinds const& kinds, study::ConfigSource const& source, std::string const& key) {
    study::LoadedConfig const loaded = kinds.load(source);
    require<UsageError>(is_known(loaded.config, key),
                        "--get {}: unknown key; '{} config --defaults --kind {}' lists those there are", key,
                        program_name(), loaded.kind->name());
    check_against_data(loaded);
    Value const& value = loaded.config.value(key);
    auto const* text = std::get_if<std::string>(&value);
    fmt::print("{}\n", text != nullptr ? *text : to_toml(value));
}

void print(Flags const& flags, study::Kinds const& kinds) {
    auto const source = flags.study.source();
    if (flags.defaults)
        fmt::print("{}", study::documented_defaults(study::all_tables(kinds.of(source))));
    else if (flags.markdown)
        fmt::print("{}", study::markdown_reference(study::all_tables(kinds.of(source))));
    else if (!flags.key.empty())
        print_value(kinds, source, flags.key);
    else
        print_whole(kinds, source);
}

}  // namespace

void add_config(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand(
        "config",
        "Check a configuration and the data that it names, and print it whole; or print the defaults");
    flags->study.add_to(*command, program.kind);
    auto* defaults = command->add_flag("--defaults", flags->defaults,
                                       "all keys of the kind with defaults and comments, as TOML");
    auto* markdown =
        command->add_flag("--markdown", flags->markdown, "the reference page of the documentation")
            ->excludes(defaults);
    command
        ->add_option("--get", flags->key,
                     "check all the same and print the value of one key, for scripts: texts without quotes")
        ->option_text("TABLE.KEY")
        ->excludes(defaults)
        ->excludes(markdown);
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) {
            print(*flags, kinds);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
