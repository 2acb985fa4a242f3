#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "domains/va/data/cohort_builder.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/data/tables.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

/// Questions whose answer is one of a list. openVA's conversion cannot encode a death with an empty cell
/// there.
bool is_closed_question(std::string_view column) {
    constexpr std::array<std::string_view, 4> free_texts = {"a2_09_1b", "a2_09_2b", "a2_46b", "a2_87_10b"};
    if (column == "g1_05" || column == "a4_01" || column == "a4_05" || column.starts_with("a1_01_"))
        return true;
    return column.starts_with("a2_") && std::ranges::find(free_texts, column) == free_texts.end();
}

/// Decides which rows of the adult release are used; of others all are.
class RowFilter {
  public:
    RowFilter(csv::CsvReader const& reader, CohortSource const& source) {
        if (source.format != CohortFormat::phmrc_adult) return;
        for (std::size_t j = 0; j < reader.header().size(); ++j) {
            if (is_closed_question(reader.header()[j])) closed_.push_back(j);
        }
        if (source.rows == RowPolicy::all) return;
        for (auto const* column : {"a6_06_1m", "a6_06_2m", "a6_07m"}) {
            months_.push_back(reader.position(column, "the reference choice of rows"));
        }
    }

    /// Why the current row is not used; nothing if it is.
    [[nodiscard]] std::optional<std::string> reason_against(csv::CsvReader const& reader) const {
        auto const cells = reader.cells();
        if (std::ranges::any_of(closed_, [&](std::size_t j) { return cells[j].empty(); })) {
            return "an empty cell in g1_05 or a closed question (a1_01_*, a2_* but for its free texts, "
                   "a4_01, a4_05)";
        }
        if (std::ranges::any_of(
                months_, [&](std::size_t j) { return cells[j] == " November" || cells[j] == "November"; })) {
            return "November in a6_06_1m, a6_06_2m or a6_07m, as in the reference choice of rows";
        }
        return std::nullopt;
    }

  private:
    std::vector<std::size_t> closed_;
    std::vector<std::size_t> months_;
};

/// Finds a row's cause.
class CauseReader {
  public:
    CauseReader(csv::CsvReader const& reader, CohortSource const& source, Questionnaire const& questionnaire)
        : no_cause_(source.no_cause) {
        bool const group_here =
            source.format == CohortFormat::phmrc_adult && source.label == "cod5" && !reader.find("cod5");
        column_ = reader.position(group_here ? "va34" : source.label, "the causes (data.label)");
        if (group_here) mapping_ = &cod5_mapping();
        for (auto const& rule : questionnaire.rules) {
            require<DataError>(source.label != rule.source && source.label != rule.also_source,
                               "{}: the label '{}' is a question that symptom '{}' is made of; a model would "
                               "be told the answer",
                               source.path.string(), source.label, rule.symptom);
        }
    }

    [[nodiscard]] std::size_t column() const noexcept { return column_; }

    /// What the file says of the row's cause, perhaps that there is none.
    [[nodiscard]] std::string_view cause_of(csv::CsvReader const& reader) const {
        std::string_view const cell = reader.cells()[column_];
        if (mapping_ == nullptr) return cell;
        std::string const tidy = tidied(cell);
        if (no_cause_.contains(tidy)) return cell;
        auto const found = mapping_->find(tidy);
        require<DataError>(found != mapping_->end(),
                           "{}: '{}' is none of the 34 causes that cod5 groups (1 to 34)",
                           reader.where(column_), cell);
        return found->second;
    }

  private:
    NothingWords no_cause_;
    std::size_t column_ = 0;
    LabelMapping const* mapping_ = nullptr;
};

/// Columns whose cells become names.
std::vector<std::size_t> text_columns(DeathColumns const& columns, CauseReader const& causes) {
    std::vector<std::size_t> found{causes.column()};
    for (auto const& column : {columns.site, columns.population, columns.id})
        if (column) found.push_back(*column);
    return found;
}

/// What a user should know of how the table was read.
std::vector<std::string> notes_on(csv::CsvReader const& reader, BoundRules const& bound) {
    std::vector<std::string> notes;
    if (!bound.lacking.empty())
        notes.push_back(
            fmt::format("{}: {} optional question{} of the rules {} not in the data, and missing "
                        "everywhere: {}",
                        reader.name(), bound.lacking.size(), bound.lacking.size() == 1 ? "" : "s",
                        bound.lacking.size() == 1 ? "is" : "are", fmt::join(bound.lacking, ", ")));
    auto const quotes = reader.stray_quotes();
    if (quotes.count > 0)
        notes.push_back(
            fmt::format("{}: {} quoted cell{} with a quote that is not doubled (first on line {}); "
                        "it was taken as part of the text",
                        reader.name(), quotes.count, quotes.count == 1 ? "" : "s", quotes.first_line));
    return notes;
}

/// Columns that are named like IDs (none where data.id says which one has them).
std::vector<UnusedIds> columns_like_ids(csv::CsvReader const& reader, CohortSource const& source) {
    std::vector<std::string> names;
    names.reserve(reader.header().size());
    for (auto const& name : reader.header()) names.push_back(tidied(name));
    auto const columns = unused_ids(reader, source, names);
    return {columns.begin(), columns.end()};
}

}  // namespace

Cohort read_raw_table(CohortSource const& source) {
    TableFile table = open_table(source.path, csv_options_of(source));
    csv::CsvReader& reader = table.reader;
    Questionnaire const questionnaire = questionnaire_of(source, reader.header());
    refuse_other_module(reader, questionnaire);
    DeathColumns const columns = death_columns_of(table, source);
    CauseReader const causes(reader, source, questionnaire);
    BoundRules const bound = bind_rules(questionnaire, reader);
    RowFilter const filter(reader, source);
    ModuleColumn module(reader, questionnaire);
    CohortBuilder builder(source, columns, symptom_names(questionnaire.rules));
    if (!table.note.empty()) builder.add_note(table.note);
    auto const texts = text_columns(columns, causes);
    auto ids = columns_like_ids(reader, source);
    std::vector<Answer> answers(bound.n_symptoms);
    UnknownAnswers unknown;
    while (reader.next()) {
        module.look_at(reader);
        for (auto const column : texts) reader.refuse_bad_text(column);
        if (encode_cells(reader.cells(), bound, answers) != nullptr) unknown.look_at(reader, bound);
        for (auto& column : ids) column.look_at(reader);
        builder.take(reader, causes.cause_of(reader), answers, filter.reason_against(reader).value_or(""));
    }
    module.refuse_others(reader);
    unknown.refuse(reader);
    for (auto const& column : ids)
        if (auto note = column.note(reader)) builder.add_note(*std::move(note));
    for (auto& note : notes_on(reader, bound)) builder.add_note(std::move(note));
    Cohort cohort = std::move(builder).finish(reader);
    if (!questionnaire.rules_hash.empty())
        cohort.data_hash = hash_text(fmt::format("{}\nrules {}", cohort.data_hash, questionnaire.rules_hash));
    return cohort;
}

}  // namespace vaster::va
