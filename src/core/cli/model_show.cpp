// vaster model show, vaster model diff: what a model is.
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/support/streams.hpp"
#include "base/support/units.hpp"
#include "core/cli/document_output.hpp"
#include "core/cli/model_commands.hpp"
#include "core/registry/filter.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string model;
    std::string other;
    std::string at;
    bool history = false;
    RegistryFlag registry;
    DocumentFlags document;
};

/// Names and values, for people and for machines.
struct Sheet {
    TextTable text;
    report::Table table{"facts", "what is known of the model", {"key", "value"}, {}};

    void add(std::string const& key, registry::Value const& value) {
        text.rows.push_back({key, value_text(value)});
        table.rows.push_back({key, cell_of(value)});
    }

    void add_all(registry::Facts const& facts) {
        for (auto const& [key, value] : facts) add(key, value);
    }
};

void write(Flags const& flags, Sheet sheet) {
    sheet.text.header = {"key", "value"};
    flags.document.write({{}, {}, {std::move(sheet.table)}}, {sheet.text});
}

/// Of a file that is in no registry.
ExitCode show_file(Program const& program, Flags const& flags) {
    auto const model = archive::read_archive(flags.model);
    Sheet sheet;
    sheet.text.title = fmt::format("The model file {}", flags.model);
    sheet.add("content", model.content);
    sheet.add("file", model.file_hash);
    sheet.add("bytes", static_cast<double>(model.n_bytes));
    sheet.add("program", model.program);
    sheet.add_all(facts_of(program, model, flags.model));
    for (auto const& [name, part] : model.parts.all())
        if (name.starts_with("provenance/") && part.type == PartType::text)
            sheet.add(name, std::string(model.parts.text(name)));
    write(flags, std::move(sheet));
    return ExitCode::success;
}

registry::State state_of(registry::Registry const& registry, Flags const& flags, std::string const& name) {
    if (flags.at.empty()) return registry.state(name);
    auto state = registry.state_at(name, flags.at);
    require<DataError>(state.revision > 0, "there was no model '{}' at {}", name, flags.at);
    return state;
}

Sheet sheet_of(registry::State const& state, registry::Version const& version) {
    Sheet sheet;
    sheet.text.title =
        fmt::format("{}:{} at revision {} of {}", state.name, version.number, state.revision, state.name);
    sheet.add("name", state.name);
    sheet.add("version", static_cast<double>(version.number));
    sheet.add("revision", static_cast<double>(state.revision));
    sheet.add("status", std::string(to_text(version.status)));
    if (!version.reason.empty()) sheet.add("reason", version.reason);
    if (!version.successor.empty()) sheet.add("successor", version.successor);
    if (version.deleted) sheet.add("deleted", std::string("its file is gone"));
    sheet.add("aliases", fmt::format("{}", fmt::join(state.aliases_of(version.number), " ")));
    sheet.add("created", version.created);
    sheet.add("author", version.author);
    sheet.add("content", version.kept.content);
    sheet.add("file", version.kept.file_hash);
    sheet.add("bytes", static_cast<double>(version.kept.n_bytes));
    sheet.add("program", version.kept.program);
    sheet.add_all(version.kept.facts);
    for (auto const& [key, value] : version.tags) sheet.add(fmt::format("tags.{}", key), value);
    for (auto const& [key, value] : version.metrics) sheet.add(fmt::format("metrics.{}", key), value);
    for (auto const& note : version.notes)
        sheet.add("note", fmt::format("{} ({}, {})", note.text, note.user, note.time));
    return sheet;
}

std::string text_of(registry::Change const& change) {
    auto text = fmt::format("{} {}", to_text(change.what), change.version);
    if (!change.key.empty()) text += fmt::format(" {}", change.key);
    if (change.what == registry::What::metric) text += fmt::format(" {}", change.number);
    if (!change.value.empty()) text += fmt::format(" '{}'", change.value);
    if (!change.successor.empty()) text += fmt::format(" for {}", change.successor);
    if (change.kept) text += fmt::format(" {}", change.kept->content.substr(0, archive::digits_of_short_id));
    return text;
}

void write_history(Flags const& flags, std::string const& name, std::vector<registry::Event> const& events) {
    TextTable text;
    text.title = fmt::format("What happened to {}", name);
    text.header = {"revision", "time", "user", "host", "changes"};
    report::Table table{"events", "an event", text.header, {}};
    for (auto const& event : events) {
        std::vector<std::string> changes;
        changes.reserve(event.changes.size());
        for (auto const& change : event.changes) changes.push_back(text_of(change));
        auto const all = fmt::format("{}", fmt::join(changes, "; "));
        text.rows.push_back(
            {std::to_string(event.revision), event.author.time, event.author.user, event.author.host, all});
        table.rows.push_back({static_cast<std::int64_t>(event.revision), event.author.time, event.author.user,
                              event.author.host, all});
    }
    flags.document.write({{{"name", name}}, {}, {std::move(table)}}, {text});
}

/// A model of that name, or one whose content begins with these digits.
registry::Reference meant_by(registry::Registry const& registry, registry::Reference const& found) {
    constexpr std::size_t fewest_digits = 8;
    bool const may_be_digits = !found.version && found.alias.empty() && found.name.size() >= fewest_digits &&
                               found.name.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!may_be_digits) return found;
    auto const names = registry.names();
    if (std::find(names.begin(), names.end(), found.name) != names.end()) return found;
    return registry.by_content(found.name).value_or(found);
}

ExitCode show(Program const& program, Flags const& flags) {
    auto const found = registry::parse_reference(flags.model);
    bool const in_registry = found && !archive::is_archive(flags.model);
    if (!in_registry && flags.at.empty() && !flags.history) return show_file(program, flags);
    require<UsageError>(in_registry, "--history and --at are for models in a registry, not for files");
    auto const registry = flags.registry.open();
    auto const reference = meant_by(registry, *found);
    if (flags.history) {
        write_history(flags, reference.name, registry.events(reference.name));
        return ExitCode::success;
    }
    auto const state = state_of(registry, flags, reference.name);
    auto const version = registry::version_in(state, reference);
    write(flags, sheet_of(state, version));
    if (version.status == registry::Status::deprecated)
        say("warning: {}:{} is deprecated", state.name, version.number);
    return ExitCode::success;
}

struct Side {
    std::string name;
    archive::Archive model;
    registry::Facts facts;
};

Side side_of(Program const& program, Flags const& flags, std::string const& text) {
    auto const found = registry::resolve(text, flags.registry.folder());
    auto model = archive::read_archive(found.file);
    auto facts = facts_of(program, model, text);
    return {text, std::move(model), std::move(facts)};
}

std::string fact_text(registry::Facts const& facts, std::string const& key) {
    auto const place = facts.find(key);
    return place == facts.end() ? "" : value_text(place->second);
}

std::string part_text(Parts const& parts, std::string const& name) {
    auto const* const part = parts.find(name);
    return part == nullptr ? "absent"
                           : fmt::format("{} {}", to_text(part->type), fmt::join(part->shape, "x"));
}

bool is_same(Parts const& a, Parts const& b, std::string const& name) {
    auto const* const one = a.find(name);
    auto const* const other = b.find(name);
    return one != nullptr && other != nullptr && one->type == other->type && one->shape == other->shape &&
           one->bytes == other->bytes;
}

ExitCode diff(Program const& program, Flags const& flags) {
    auto const a = side_of(program, flags, flags.model);
    auto const b = side_of(program, flags, flags.other);
    TextTable text;
    text.title = a.model.content == b.model.content ? "The same model" : "Two models";
    text.header = {"what", a.name, b.name};
    std::set<std::string> keys;
    for (auto const* side : {&a, &b})
        for (auto const& [key, value] : side->facts) keys.insert(key);
    for (auto const& key : keys) {
        auto const one = fact_text(a.facts, key);
        auto const other = fact_text(b.facts, key);
        if (one != other) text.rows.push_back({key, one, other});
    }
    std::set<std::string> parts;
    for (auto const* side : {&a, &b})
        for (auto const& [name, part] : side->model.parts.all()) parts.insert(name);
    for (auto const& name : parts)
        if (!is_same(a.model.parts, b.model.parts, name))
            text.rows.push_back({fmt::format("part {}", name), part_text(a.model.parts, name),
                                 part_text(b.model.parts, name)});
    if (text.rows.empty()) text.notes.emplace_back("Nothing is different.");
    report::Table table{"differences", "what is different", {"what", "a", "b"}, {}};
    for (auto const& row : text.rows) table.rows.push_back({row[0], row[1], row[2]});
    flags.document.write({{{"a", a.model.content}, {"b", b.model.content}}, {}, {std::move(table)}}, {text});
    return ExitCode::success;
}

}  // namespace

void add_model_show(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand("show", "What is known of a version, or of a model file");
    command
        ->add_option("model", flags->model,
                     "NAME (the newest active version), NAME:VERSION, NAME@ALIAS, or a file")
        ->required()
        ->option_text("MODEL");
    command->add_flag("--history", flags->history, "all that happened to the model, by whom and when");
    command->add_option("--at", flags->at, "as it was at that time (UTC): 2026-03-01, 2026-03-01T12:00:00Z")
        ->option_text("TIME");
    flags->document.add_to(*command, "facts");
    flags->registry.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return show(program, *flags); };
    });
}

void add_model_diff(Command& model, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand("diff", "What is different between two models");
    command->add_option("a", flags->model, "a version or a file")->required()->option_text("A");
    command->add_option("b", flags->other, "another one")->required()->option_text("B");
    flags->document.add_to(*command, "differences");
    flags->registry.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return diff(program, *flags); };
    });
}

}  // namespace vaster::cli
