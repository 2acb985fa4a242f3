// vaster stream import: settings of RIoTBench as a configuration of a study.
#include <memory>
#include <ostream>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/output.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/cli/properties.hpp"

namespace vaster::stream {
namespace {

struct Flags {
    std::string path;
    cli::OutputFlags output;
};

void tell(std::string_view what, std::vector<std::string> const& lines) {
    for (auto const& line : lines) say("{}: {}: {}", program_name(), what, line);
}

ExitCode import(Flags const& flags) {
    auto const imported = import_properties(read_file(flags.path), flags.path);
    tell("left out", imported.left);
    tell("unknown", imported.unknown);
    tell("cannot be taken", imported.wrong);
    flags.output.write([&](std::ostream& out) { out << imported.toml; });
    return ExitCode::success;
}

}  // namespace

void add_import(cli::Command& stream, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* const command =
        stream.add_subcommand("import",
                              "Settings of RIoTBench (tasks*.properties) or PyRIoTBench (*.yaml) as a "
                              "configuration for 'vaster run'");
    command->add_option("file", flags->path, "file of settings")->required()->option_text("FILE.properties");
    flags->output.add_to(*command);
    command->footer("Standard error lists each key that is left out, and why.");
    command->callback([flags, &program] { program.action = [flags](Invocation) { return import(*flags); }; });
}

}  // namespace vaster::stream
