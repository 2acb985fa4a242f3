// vaster plan: what would be run, without running it.
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/cli/study_flags.hpp"
#include "core/store/reader.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/study/renamed_keys.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    StudyFlags study;
    bool csv = false;
};

std::vector<std::string> header_of(study::Schema const& schema) {
    std::vector<std::string> header{"index", "id", "group", "expected_seconds"};
    for (auto const& column : schema.design) header.push_back(column.name);
    header.emplace_back("skip_reason");
    return header;
}

std::vector<std::string> line_of(study::Experiment const& experiment, Flags const& flags) {
    bool const skipped = !experiment.skip_reason.empty();
    std::string const seconds = skipped ? ""
                                        : (flags.csv ? number_text(experiment.expected_seconds)
                                                     : fmt::format("{:.3f}", experiment.expected_seconds));
    std::vector<std::string> line{std::to_string(experiment.index), to_text(experiment.id),
                                  skipped ? "" : std::to_string(experiment.group), seconds};
    for (auto const& cell : experiment.design) line.push_back(store::cell_text(cell));
    line.push_back(experiment.skip_reason);
    return line;
}

void print_csv(study::Schema const& schema, std::vector<study::Experiment> const& experiments,
               Flags const& flags) {
    fmt::print("{}\n", csv_line(header_of(schema)));
    for (auto const& experiment : experiments) fmt::print("{}\n", csv_line(line_of(experiment, flags)));
}

void print_table(study::Study const& study, std::vector<study::Experiment> const& experiments,
                 std::vector<std::string> const& config_notes, Flags const& flags) {
    TextTable table;
    table.header = header_of(study.schema());
    std::set<std::uint64_t> groups;
    double seconds = 0;
    std::size_t skipped = 0;
    for (auto const& experiment : experiments) {
        table.rows.push_back(line_of(experiment, flags));
        if (!experiment.skip_reason.empty()) {
            ++skipped;
            continue;
        }
        groups.insert(experiment.group);
        seconds += experiment.expected_seconds;
    }
    table.notes.push_back(fmt::format("{} in {}, {} skipped; about {} of computing on one core",
                                      counted(experiments.size() - skipped, "experiment"),
                                      counted(groups.size(), "fit group"), skipped, duration_text(seconds)));
    if (experiments.size() < study.capacity())
        table.notes.push_back(
            fmt::format("the plan grows: these come first; the next ones follow from their results, up to {} "
                        "experiments in all",
                        study.capacity()));
    for (auto const& note : config_notes) table.notes.push_back(note);
    for (auto const& note : study.notes()) table.notes.push_back(note);
    for (auto const& line : study::lines_of(study.inventory())) fmt::print("{}\n", line);
    fmt::print("{}", to_text(table));
}

}  // namespace

void add_plan(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command =
        app.add_subcommand("plan", "Show what a run would do: experiments, fit groups, expected time");
    flags->study.add_to(*command, program.kind);
    command->add_flag("--csv", flags->csv, "as CSV");
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) {
            study::ConfigSource const source = flags->study.source();
            study::LoadedConfig const loaded = kinds.load(source);
            auto const study = loaded.kind->open(loaded.config, study::FromSource()).study;
            auto const experiments = study->next_experiments(study::NoRecords());
            if (flags->csv)
                print_csv(study->schema(), experiments, *flags);
            else
                print_table(*study, experiments, study::notes_on_renamed_keys(*loaded.kind, source), *flags);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli
