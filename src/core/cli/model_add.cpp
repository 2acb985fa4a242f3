// vaster model register, vaster model import: a model file becomes a version of a model.
#include <memory>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "core/cli/model_commands.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string file;
    std::string name;
    std::vector<std::string> tags;
    std::string note;
    std::vector<std::string> aliases;
    std::string status = "candidate";
    RegistryFlag registry;
};

registry::Registration registration_of(Flags const& flags) {
    auto const reference = registry::parse_reference(flags.name);
    require<UsageError>(!reference || !reference->version,
                        "{}: versions are numbered by the registry; give the name alone",
                        legible(flags.name));
    if (!reference) registry::require_name(flags.name);
    registry::Registration registration;
    registration.file = flags.file;
    registration.name = reference ? reference->name : flags.name;
    registration.note = flags.note;
    registration.aliases = flags.aliases;
    if (reference && !reference->alias.empty()) registration.aliases.push_back(reference->alias);
    for (auto const& tag : flags.tags) registration.tags.insert(key_and_value(tag, "--tag"));
    registration.status = registry::status_in(flags.status).value_or(registry::Status::candidate);
    return registration;
}

std::string told(registry::Registered const& registered) {
    if (registered.is_new) return "";
    return registered.other_file ? " is this model already; of the two files, which differ only in where it "
                                   "comes from and how well it "
                                   "did, the first is kept"
                                 : " is this model already";
}

ExitCode add(Program const& program, Flags const& flags) {
    auto registration = registration_of(flags);
    auto const model = archive::read_archive(flags.file);
    registration.facts = facts_of(program, model, flags.file);
    auto const registry = flags.registry.open(registry::Opening::make_if_absent);
    auto const registered = registry.add(registration, model);
    fmt::print("{}:{}{} (content {}, in {})\n", registration.name, registered.version, told(registered),
               model.content.substr(0, archive::digits_of_short_id), registry.folder().string());
    return ExitCode::success;
}

Command* declare(Command& model, Program& program, std::shared_ptr<Flags> const& flags,
                 std::string const& name, std::string const& doc) {
    Command* command = model.add_subcommand(name, doc);
    command->add_option("file", flags->file, "the model file")->required()->option_text("MODEL.h5");
    command->add_option("name", flags->name, "of the model; NAME@ALIAS gives the version the alias, too")
        ->required()
        ->option_text("NAME");
    flags->registry.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return add(program, *flags); };
    });
    return command;
}

}  // namespace

void add_model_register(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command =
        declare(model, program, flags, "register", "Keep a model file as the next version of a model");
    command->add_option("--tag", flags->tags, "something to find it by; may be given again")
        ->option_text("KEY=VALUE")
        ->one_value_each();
    command->add_option("--note", flags->note, "for people")->option_text("TEXT");
    command
        ->add_option("--alias", flags->aliases,
                     "a name for this version, such as production; may be given again")
        ->option_text("ALIAS")
        ->one_value_each();
    command->add_option("--status", flags->status, "candidate, or active: meant by the name alone")
        ->one_of({"candidate", "active"})
        ->capture_default_str();
    command->footer("The file is checked and copied; a registry is made where there is none.");
}

void add_model_import(Command& model, Program& program) {
    (void)declare(model, program, std::make_shared<Flags>(), "import",
                  "Keep a model file that somebody else has exported");
}

}  // namespace vaster::cli
