// vaster model set, deprecate, rm, restore: what is said of a version changes, never what it holds.
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "core/cli/model_commands.hpp"

namespace vaster::cli {
namespace {

using registry::Change;
using registry::What;

struct Flags {
    std::string version;
    std::vector<std::string> tags;
    std::vector<std::string> untags;
    std::vector<std::string> metrics;
    std::vector<std::string> aliases;
    std::vector<std::string> no_aliases;
    std::string note;
    std::string status;
    std::string reason;
    std::string successor;
    std::size_t if_revision = 0;
    bool has_revision = false;
    RegistryFlag registry;
};

double number_of(std::string const& text, std::string const& flag) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
    require<UsageError>(whole, "--metric {}: '{}' is not a finite number", flag, legible(text));
    return number;
}

std::vector<Change> changes_of(Flags const& flags, std::uint64_t version) {
    std::vector<Change> changes;
    for (auto const& tag : flags.tags) {
        auto [key, value] = key_and_value(tag, "--tag");
        changes.push_back({What::tag, version, std::move(key), std::move(value)});
    }
    for (auto const& key : flags.untags) changes.push_back({What::untag, version, key});
    for (auto const& metric : flags.metrics) {
        auto const [key, value] = key_and_value(metric, "--metric");
        changes.push_back({What::metric, version, key, "", "", number_of(value, metric)});
    }
    if (!flags.note.empty()) changes.push_back({What::note, version, "", flags.note});
    for (auto const& alias : flags.no_aliases) changes.push_back({What::no_alias, version, alias});
    for (auto const& alias : flags.aliases) changes.push_back({What::alias, version, alias});
    if (!flags.status.empty())
        changes.push_back({What::status, version, flags.status, flags.reason, flags.successor});
    require<UsageError>(!changes.empty(),
                        "nothing to set: give --tag, --metric, --note, --alias or --status");
    return changes;
}

/// Tells what an alias meant until now: the one thing that others may be using.
void tell_moved_aliases(registry::State const& before, std::vector<Change> const& changes) {
    for (auto const& change : changes) {
        auto const place = before.aliases.find(change.key);
        if (change.what == What::alias && place != before.aliases.end() && place->second != change.version)
            fmt::print("{}@{} was {}:{}\n", before.name, change.key, before.name, place->second);
    }
}

ExitCode change(Flags const& flags, std::vector<Change> (*changes_for)(Flags const&, std::uint64_t)) {
    auto const registry = flags.registry.open();
    auto const named = named_version(registry, flags.version);
    auto const changes = changes_for(flags, named.version);
    auto const before = registry.state(named.name);
    auto const revision =
        registry.change(named.name, changes,
                        flags.has_revision ? std::optional<std::uint64_t>(flags.if_revision) : std::nullopt);
    tell_moved_aliases(before, changes);
    fmt::print("{}:{}: revision {}\n", named.name, named.version, revision);
    return ExitCode::success;
}

Command* declare(Command& model, std::shared_ptr<Flags> const& flags, std::string const& name,
                 std::string const& doc) {
    Command* command = model.add_subcommand(name, doc);
    command->add_option("version", flags->version, "which version")->required()->option_text("NAME:VERSION");
    flags->registry.add_to(*command);
    return command;
}

}  // namespace

void add_model_set(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command =
        declare(model, flags, "set", "Say something of a version: tags, metrics, notes, aliases, status");
    auto const list = [&](std::string const& flag, std::vector<std::string>& values, std::string const& doc,
                          std::string const& text) {
        command->add_option(flag, values, doc)->option_text(text)->one_value_each();
    };
    list("--tag", flags->tags, "something to find it by; may be given again, as all lists here", "KEY=VALUE");
    list("--untag", flags->untags, "removes a tag", "KEY");
    list("--metric", flags->metrics, "how well it does, measured elsewhere", "KEY=NUMBER");
    list("--alias", flags->aliases, "gives this version the alias; another one loses it", "ALIAS");
    list("--no-alias", flags->no_aliases, "takes the alias from it", "ALIAS");
    command->add_option("--note", flags->note, "for people; notes are kept, with who wrote them and when")
        ->option_text("TEXT");
    command->add_option("--status", flags->status, "candidate, or active: meant by the name alone")
        ->one_of({"candidate", "active"});
    command
        ->add_option("--if-revision", flags->if_revision,
                     "only when the model is still at this revision, as the last command said")
        ->option_text("N");
    command->footer("All of it is done, or nothing.");
    command->callback([flags, command, &program] {
        flags->has_revision = command->count("--if-revision") > 0;
        program.action = [flags](Invocation) { return change(*flags, changes_of); };
    });
}

void add_model_deprecate(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = declare(model, flags, "deprecate",
                               "Warn everybody who uses a version; its name alone means it no more");
    command->add_option("--for", flags->successor, "what to use instead")->option_text("NAME:VERSION");
    command->add_option("--reason", flags->reason, "why")->option_text("TEXT");
    command->callback([flags, &program] {
        flags->status = "deprecated";
        program.action = [flags](Invocation) {
            if (!flags->successor.empty()) (void)named_version(flags->registry.open(), flags->successor);
            return change(*flags, changes_of);
        };
    });
}

void add_model_rm(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = declare(model, flags, "rm", "Throw a version into the trash; its aliases go");
    command->footer("Its file stays until 'model gc'; 'model restore' brings it back.");
    command->callback([flags, &program] {
        flags->status = "trashed";
        program.action = [flags](Invocation) { return change(*flags, changes_of); };
    });
}

void add_model_restore(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command =
        declare(model, flags, "restore", "Bring a version back from the trash, without its aliases");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            return change(*flags, [](Flags const&, std::uint64_t version) {
                return std::vector<Change>{{What::restore, version}};
            });
        };
    });
}

}  // namespace vaster::cli
