// vaster model upgrade: a model file of an older version made one of this program's.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "core/archive/archive.hpp"
#include "core/archive/index.hpp"
#include "core/cli/model_commands.hpp"

namespace vaster::cli {
namespace {

// There is one version yet, of the file and of what each model keeps: whatever this program can use needs no
// upgrade. With the second one, older files are written anew here, with the old one as their parent.
static_assert(archive::format_version == 1, "vaster model upgrade must write files of version 1 anew");

ExitCode upgrade(Program const& program, std::string const& text, RegistryFlag const& flag) {
    auto const found = registry::resolve(text, flag.folder());
    auto const model = archive::read_archive(found.file);
    (void)facts_of(program, model, found.file.string());
    fmt::print("{}: model {}, written by vaster {}, is of the newest version (format {}): nothing to do\n",
               found.file.string(), model.content.substr(0, archive::digits_of_short_id), model.program,
               archive::format_version);
    return ExitCode::success;
}

}  // namespace

void add_model_upgrade(Command& model, Program& program) {
    struct Flags {
        std::string model;
        RegistryFlag registry;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command =
        model.add_subcommand("upgrade", "Say whether a model file is of the newest version, and can be used");
    command
        ->add_option("model", flags->model, "a file, or a version in the registry: NAME:VERSION, NAME@ALIAS")
        ->required()
        ->option_text("MODEL");
    flags->registry.add_to(*command);
    command->footer(
        "There is one version of model files yet, so nothing is ever rewritten. All later programs will "
        "read\n"
        "it; this command will then make a new file of an older one.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            return upgrade(program, flags->model, flags->registry);
        };
    });
}

}  // namespace vaster::cli
