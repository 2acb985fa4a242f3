// vaster data: what a file of deaths is, and the command line that would read it.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "core/cli/document_output.hpp"
#include "core/cli/study_flags.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/data/survey.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/options.hpp"
#include "vaster/study/inventory.hpp"

namespace vaster::va {
namespace {

using Texts = std::vector<std::string>;

struct Flags {
    std::string path;
    cli::StudyFlags keys;
    cli::DocumentFlags output;
    bool toml = false;
};

/// A study that reads the file as advised.
struct ReadingTrial {
    study::Inventory inventory;          ///< what it would read
    std::size_t n_experiments = 0;       ///< that it would run
    std::optional<std::string> refusal;  ///< why it cannot
};

/// A file, the study that reads it, and the words for that.
struct Outcome {
    Survey survey;
    ReadingTrial trial;
    std::string command;  ///< the whole command line

    [[nodiscard]] bool can_be_read() const { return survey.obstacles.empty() && !trial.refusal; }
};

/// Keys whose values the survey gives, all of them.
bool is_surveyed(std::string const& key) {
    static Texts const keys{"data.format",      "data.rules",      "data.quotes",     "data.label",
                            "data.site",        "data.id",         "data.duplicates", "data.label_columns",
                            "data.present",     "data.absent",     "data.missing",    "data.population",
                            "data.no_cause",    "data.cause_case", "data.site_case",  "data.rows",
                            "data.cause_names", "data.weight"};
    return std::ranges::find(keys, key) != keys.end();
}

study::ConfigSource with(study::ConfigSource source, std::string const& key, Value const& value) {
    std::erase_if(source.overrides, [&](study::Override const& given) { return given.key == key; });
    source.overrides.push_back({key, to_toml(value), "the advice"});
    return source;
}

/// The columns and spellings that the user has told, without the checks that need a whole configuration.
CohortSource told_in(study::ConfigSource const& given, Flags const& flags, study::Kind const& kind,
                     std::shared_ptr<models::Catalogue const> const& catalogue) {
    CohortSource told =
        options_of(study::load(kind, with(given, "data.path", Value(flags.path))), catalogue).source;
    told.path = flags.path;
    return told;
}

ReadingTrial tried(study::Kind const& kind, study::ConfigSource const& source) {
    ReadingTrial trial;
    try {
        auto const study = kind.open(study::load(kind, source), study::FromSource()).study;
        trial.inventory = study->inventory();
        for (auto const& experiment : study->next_experiments(study::NoRecords()))
            trial.n_experiments += experiment.skip_reason.empty() ? 1 : 0;
    } catch (Error const& error) {
        trial.refusal = error.what();
    }
    return trial;
}

study::ConfigSource advised(study::ConfigSource source, Survey const& survey) {
    for (auto const& [key, value, reason] : survey.advice) source = with(source, key, value);
    return source;
}

/// Rows of one ID may be of several sites, and can then not be kept together.
void try_first_of_each_id(Outcome& outcome, study::Kind const& kind, study::ConfigSource const& source) {
    auto& advice = outcome.survey.advice;
    auto const rule = std::ranges::find(advice, "data.duplicates", &Advice::key);
    if (rule == advice.end() || rule->value != Value(std::string("together"))) return;
    Survey other = outcome.survey;
    for (auto& one : other.advice)
        if (one.key == "data.duplicates") {
            one.value = std::string("first");
            one.reason =
                "rows of one ID are at different sites, and cannot be kept together; the first is used";
        }
    other.source.duplicates = DuplicateRule::first;
    ReadingTrial trial = tried(kind, advised(source, other));
    if (trial.refusal) return;
    outcome.survey = std::move(other);
    outcome.trial = std::move(trial);
}

/// Flags of keys that the survey says nothing of, as the user gave them.
Texts other_flags(study::ConfigSource const& given, std::vector<Advice> const& advice) {
    Texts flags;
    for (auto const& one : given.overrides) {
        bool const is_advised = std::ranges::find(advice, one.key, &Advice::key) != advice.end();
        if (is_surveyed(one.key) || is_advised) continue;
        flags.push_back(one.origin == "--set" ? "--set " + shell_word(one.key + "=" + one.text)
                                              : one.origin + " " + shell_word(one.text));
    }
    return flags;
}

/// What to do with the file: compare models; or, where it has no causes, assign them.
std::string command_of(Survey const& survey, Flags const& flags, study::ConfigSource const& given) {
    std::string const path = shell_word(flags.path);
    if (!survey.has_causes && survey.source.format == CohortFormat::encoded)
        return fmt::format("{} predict MODEL.h5 {} --output causes{}", program_name(), path,
                           survey.source.weight.empty()
                               ? ""
                               : fmt::format(" --weight {}", shell_word(survey.source.weight)));
    Texts words{fmt::format("{} run --data {}", program_name(), path)};
    for (auto& flag : flags_of(survey.advice)) words.push_back(std::move(flag));
    for (auto& flag : other_flags(given, survey.advice)) words.push_back(std::move(flag));
    return fmt::format("{}", fmt::join(words, " "));
}

Outcome outcome_of(Flags const& flags, study::Kind const& kind,
                   std::shared_ptr<models::Catalogue const> const& catalogue) {
    study::ConfigSource const given = flags.keys.source();
    Outcome outcome;
    outcome.survey = survey(told_in(given, flags, kind, catalogue));
    study::ConfigSource source = with(given, "data.path", Value(flags.path));
    std::erase_if(source.overrides, [](study::Override const& one) { return is_surveyed(one.key); });
    if (outcome.survey.obstacles.empty()) outcome.trial = tried(kind, advised(source, outcome.survey));
    if (outcome.trial.refusal) try_first_of_each_id(outcome, kind, source);
    outcome.command = command_of(outcome.survey, flags, given);
    return outcome;
}

// ---- for machines

report::Document document_of(Outcome const& outcome, Flags const& flags) {
    Survey const& survey = outcome.survey;
    report::Table columns{"columns", "a column", {"column", "use", "values", "rows", "filled", "remark"}, {}};
    for (auto const& column : survey.columns)
        columns.rows.push_back({column.name, std::string(name_of(column.use)), column.values,
                                static_cast<std::int64_t>(column.n_rows),
                                static_cast<std::int64_t>(column.n_filled), column.remark});
    report::Table keys{"keys", "a key that has to be set", {"key", "value", "reason"}, {}};
    for (auto const& [key, value, reason] : survey.advice) keys.rows.push_back({key, to_toml(value), reason});
    auto const list = [](std::string const& name, std::string const& doc, Texts const& texts) {
        report::Table table{name, doc, {"text"}, {}};
        for (auto const& text : texts) table.rows.push_back({text});
        return table;
    };
    Texts obstacles = survey.obstacles;
    if (outcome.trial.refusal) obstacles.push_back(*outcome.trial.refusal);
    return {{{"file", flags.path},
             {"what", std::string(name_of(survey.kind))},
             {"layout", survey.layout},
             {"can_be_read", std::string(outcome.can_be_read() ? "yes" : "no")},
             {"command", outcome.command}},
            {},
            {std::move(columns), std::move(keys), list("doubts", "what to look at first", survey.doubts),
             list("obstacles", "what no key helps with", obstacles),
             list("read", "what would be read", study::lines_of(outcome.trial.inventory))}};
}

// ---- for people

std::string named(SurveyedColumn const& column) {
    return column.name.empty() ? "(no name)" : column.name;
}

std::string values_of(SurveyedColumn const& column) {
    return column.remark.empty() ? column.values : fmt::format("{}: {}", column.values, column.remark);
}

/// The columns, with rows of symptoms or questions that stand together in one line.
TextTable columns_table(Survey const& survey) {
    constexpr std::size_t shortest = 4;
    TextTable table{"", {"column", "what it is", "what is in it"}, {}, {}};
    auto const& columns = survey.columns;
    for (std::size_t j = 0; j < columns.size();) {
        std::size_t end = j + 1;
        bool const may_be_long =
            columns[j].use == ColumnUse::symptom || columns[j].use == ColumnUse::question;
        while (may_be_long && end < columns.size() && columns[end].use == columns[j].use) ++end;
        if (end - j < shortest) end = j + 1;
        std::string const use(name_of(columns[j].use));
        if (end == j + 1)
            table.rows.push_back({named(columns[j]), use, values_of(columns[j])});
        else
            table.rows.push_back({fmt::format("{} ... {}", named(columns[j]), named(columns[end - 1])),
                                  fmt::format("{} {}s", end - j, use),
                                  fmt::format("first: {}", columns[j].values)});
        j = end;
    }
    return table;
}

void add_section(std::vector<TextTable>& text, std::string title, Texts const& lines) {
    if (lines.empty()) return;
    TextTable section{std::move(title), {}, {}, {}};
    for (auto const& line : lines) section.notes.push_back("  " + line);
    text.push_back(std::move(section));
}

std::vector<TextTable> text_of(Outcome const& outcome, Flags const& flags) {
    Survey const& survey = outcome.survey;
    TextTable columns = columns_table(survey);
    columns.title = fmt::format("{}: {}, {}", flags.path, name_of(survey.kind), survey.layout);
    std::vector<TextTable> text{std::move(columns)};
    Texts keys;
    for (auto const& [key, value, reason] : survey.advice)
        keys.push_back(fmt::format("{} = {}   # {}", key, to_toml(value), reason));
    add_section(text, "Without these keys it would be refused, or read as something else:", keys);
    add_section(text, "Please look at this first:", survey.doubts);
    add_section(text, "With these keys this is read:", study::lines_of(outcome.trial.inventory));
    Texts obstacles = survey.obstacles;
    if (outcome.trial.refusal) obstacles.push_back(*outcome.trial.refusal);
    add_section(text, "What is still in the way:", obstacles);
    std::string const title = outcome.can_be_read()
                                  ? fmt::format(
                                        "The command that reads it and runs {} experiments (`plan` in "
                                        "place of `run` shows them):",
                                        outcome.trial.n_experiments)
                                  : std::string("The command that comes nearest:");
    add_section(text, title, {outcome.command});
    return text;
}

ExitCode run(Flags const& flags, study::Kind const& kind,
             std::shared_ptr<models::Catalogue const> const& catalogue) {
    Outcome const outcome = outcome_of(flags, kind, catalogue);
    if (flags.toml)
        std::cout << study_file_of(outcome.survey);
    else
        flags.output.write(document_of(outcome, flags), text_of(outcome, flags));
    require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
    return outcome.can_be_read() ? ExitCode::success : ExitCode::data;
}

}  // namespace

void add_data(cli::Command& app, cli::Program& program,
              std::shared_ptr<models::Catalogue const> const& catalogue) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand("data",
                                               "Show what a file of deaths is, what its columns are for, and "
                                               "the command line that reads it; exit code "
                                               "65 where none does");
    command->add_option("file", flags->path, "CSV file of deaths")->option_text("FILE")->required();
    study::Kind const& kind = program.kinds.find(va_comparison_kind);
    flags->keys.add_keys_to(*command, kind, {"--data", "--output"});
    flags->output.add_to(*command, "columns");
    command->add_flag("--toml", flags->toml, "only the lines of a study file that read it");
    command->callback([flags, catalogue, &kind, &program] {
        program.action = [flags, catalogue, &kind](Invocation) { return run(*flags, kind, catalogue); };
    });
}

}  // namespace vaster::va
