// vaster stream list: the tasks, their parameters, and the data sets.
#include <memory>

#include <fmt/format.h>

#include "core/cli/document_output.hpp"
#include "core/report/tables.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/records/data_sets.hpp"
#include "domains/stream/study/jobs.hpp"

namespace vaster::stream {
namespace {

struct Flags {
    bool verbose = false;
    cli::DocumentFlags document;
};

std::string text(std::string_view view) {
    return std::string(view);
}

/// What a task keeps a state for, where that can be said without its parameters.
std::string state_of(TaskKind const& kind) {
    switch (kind.keying(Parameters(kind.parameters))) {
        case Keying::record:
            return "none";
        case Keying::sensor:
            return "a sensor's field";
        case Keying::stream:
            break;
    }
    return "the stream";
}

/// "at least 1, at most 1000000", "text, number", or nothing.
std::string allowed(Parameter const& parameter) {
    if (!parameter.choices.empty()) return fmt::format("{}", fmt::join(parameter.choices, ", "));
    std::vector<std::string> parts;
    auto const& bounds = parameter.bounds;
    if (bounds.at_least) parts.push_back(fmt::format("at least {}", *bounds.at_least));
    if (bounds.above) parts.push_back(fmt::format("above {}", *bounds.above));
    if (bounds.at_most) parts.push_back(fmt::format("at most {}", *bounds.at_most));
    if (bounds.below) parts.push_back(fmt::format("below {}", *bounds.below));
    return fmt::format("{}", fmt::join(parts, ", "));
}

report::Table tasks() {
    report::Table table{"tasks",
                        "a task or a dataflow",
                        {"code", "name", "sigma", "state", "doc"},
                        {},
                        {{"sigma", "out per in"}}};
    for (auto const* const kind : job_kinds())
        table.rows.push_back(
            {text(kind->code), text(kind->name), text(kind->sigma), state_of(*kind), text(kind->doc)});
    return table;
}

report::Table parameters() {
    report::Table table{"parameters", "a parameter of a task", {"key", "default", "allowed", "doc"}, {}, {}};
    for (auto const* const kind : job_kinds())
        for (auto const& parameter : kind->parameters)
            table.rows.push_back({fmt::format("{}.{}", table_of(*kind), parameter.name),
                                  vaster::to_toml(parameter.standard), allowed(parameter), parameter.doc});
    return table;
}

report::Table sets() {
    report::Table table{
        "data_sets", "a made-up data set", {"name", "sensor", "sensors", "observed", "doc"}, {}, {}};
    for (auto const& set : data_sets()) {
        auto const name =
            set.other_name.empty() ? text(set.name) : fmt::format("{} ({})", set.name, set.other_name);
        table.rows.push_back({name, text(set.id()), static_cast<std::int64_t>(set.n_sensors),
                              fmt::format("{}", fmt::join(set.observed, ",")), text(set.doc)});
    }
    return table;
}

TextTable for_people(report::Table const& table, std::string title) {
    TextTable shown;
    shown.title = std::move(title);
    for (auto const& column : table.columns) shown.header.push_back(report::words_of(table, column));
    for (auto const& row : table.rows) {
        auto& cells = shown.rows.emplace_back();
        for (auto const& cell : row)
            cells.push_back(std::visit([](auto const& value) { return fmt::format("{}", value); }, cell));
    }
    return shown;
}

ExitCode list(Flags const& flags) {
    report::Document document;
    document.tables = {tasks(), parameters(), sets()};
    std::vector<TextTable> shown{for_people(document.tables[0], "Tasks and dataflows")};
    if (flags.verbose) shown.push_back(for_people(document.tables[1], "Their parameters"));
    shown.push_back(for_people(document.tables[2], "Made-up data sets"));
    if (!flags.verbose) shown[0].notes.emplace_back("--verbose: parameters, too");
    flags.document.write(document, shown);
    return ExitCode::success;
}

}  // namespace

void add_list(cli::Command& stream, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* const command =
        stream.add_subcommand("list", "The tasks and dataflows, their parameters, and the data sets");
    command->add_flag("--verbose", flags->verbose, "parameters, too");
    flags->document.add_to(*command, "tasks");
    command->callback([flags, &program] { program.action = [flags](Invocation) { return list(*flags); }; });
}

}  // namespace vaster::stream
