#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "domains/va/data/cohort_builder.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/data/tables.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

using va::Answer;

/// A rule with its columns.
struct BoundRule {
    EncodingRule const* rule;
    std::size_t source;
    std::size_t also_source;  ///< the first source where there is no second
};

std::vector<BoundRule> bind_rules(std::vector<EncodingRule> const& rules, csv::CsvReader const& reader) {
    std::vector<BoundRule> bound;
    bound.reserve(rules.size());
    for (auto const& rule : rules) {
        std::string const purpose =
            fmt::format("symptom '{}' of the raw PHMRC release (data.format)", rule.symptom);
        std::size_t const first = reader.position(rule.source, purpose);
        std::size_t const second =
            rule.also_source.empty() ? first : reader.position(rule.also_source, purpose);
        bound.push_back({&rule, first, second});
    }
    return bound;
}

/// Refuses the rule's answer in the current row: the second source's where the first one's is known.
[[noreturn]] void refuse_answer(csv::CsvReader const& reader, BoundRule const& bound) {
    EncodingRule const& rule = *bound.rule;
    bool const first_is_known = encode(rule, reader.cells()[bound.source], {}).has_value();
    std::size_t const column = first_is_known ? bound.also_source : bound.source;
    std::vector<std::string> known;
    if (rule.kind == RuleKind::above) known.emplace_back("a number");
    for (auto const* answers : {&rule.present, &rule.absent, &rule.missing}) {
        known.insert(known.end(), answers->begin(), answers->end());
    }
    throw DataError(fmt::format("{}: unknown answer '{}' for symptom '{}'; known are: {}, or an empty cell",
                                reader.where(column), reader.cells()[column], rule.symptom,
                                fmt::join(known, ", ")));
}

void encode_row(csv::CsvReader const& reader, std::vector<BoundRule> const& rules,
                std::vector<Answer>& answers) {
    auto const cells = reader.cells();
    for (std::size_t k = 0; k < rules.size(); ++k) {
        auto const answer = encode(*rules[k].rule, cells[rules[k].source], cells[rules[k].also_source]);
        if (!answer) refuse_answer(reader, rules[k]);
        answers[k] = *answer;
    }
}

/// Questions whose answer is one of a list. openVA's conversion cannot encode a death with an empty cell
/// there.
bool is_closed_question(std::string_view column) {
    constexpr std::array<std::string_view, 4> free_texts = {"a2_09_1b", "a2_09_2b", "a2_46b", "a2_87_10b"};
    if (column == "g1_05" || column == "a4_01" || column == "a4_05" || column.starts_with("a1_01_"))
        return true;
    return column.starts_with("a2_") && std::ranges::find(free_texts, column) == free_texts.end();
}

/// Decides which rows of the raw release are used.
class RowFilter {
  public:
    RowFilter(csv::CsvReader const& reader, RowPolicy policy) {
        for (std::size_t j = 0; j < reader.header().size(); ++j) {
            if (is_closed_question(reader.header()[j])) closed_.push_back(j);
        }
        if (policy == RowPolicy::all) return;
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
    CauseReader(csv::CsvReader const& reader, CohortSource const& source) : no_cause_(source.no_cause) {
        bool const group_here = source.label == "cod5" && !reader.find("cod5");
        column_ = reader.position(group_here ? "va34" : source.label, "the causes (data.label)");
        if (group_here) mapping_ = &cod5_mapping();
        for (auto const& rule : phmrc_adult_rules()) {
            require<DataError>(source.label != rule.source && source.label != rule.also_source,
                               "{}: the label '{}' is a question that symptom '{}' is made of; a model would "
                               "be told the answer",
                               source.path.string(), source.label, rule.symptom);
        }
    }

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

/// Columns that are named like IDs (none where data.id says which one has them).
std::vector<UnusedIds> columns_like_ids(csv::CsvReader const& reader, CohortSource const& source) {
    std::vector<std::string> names;
    names.reserve(reader.header().size());
    for (auto const& name : reader.header()) names.push_back(tidied(name));
    auto const columns = unused_ids(reader, source, names);
    return {columns.begin(), columns.end()};
}

}  // namespace

Cohort read_phmrc_table(CohortSource const& source) {
    TableFile table = open_table(source.path);
    csv::CsvReader& reader = table.reader;
    DeathColumns const columns = death_columns_of(table, source);
    CauseReader const causes(reader, source);
    auto const rules = bind_rules(phmrc_adult_rules(), reader);
    RowFilter const filter(reader, source.rows);
    CohortBuilder builder(source, columns, symptom_names(phmrc_adult_rules()));
    if (!table.note.empty()) builder.add_note(table.note);
    auto ids = columns_like_ids(reader, source);
    std::vector<Answer> answers(rules.size());
    while (reader.next()) {
        encode_row(reader, rules, answers);
        for (auto& column : ids) column.look_at(reader);
        builder.take(reader, causes.cause_of(reader), answers, filter.reason_against(reader).value_or(""));
    }
    for (auto const& column : ids)
        if (auto note = column.note(reader)) builder.add_note(*std::move(note));
    return std::move(builder).finish(reader);
}

}  // namespace vaster::va
