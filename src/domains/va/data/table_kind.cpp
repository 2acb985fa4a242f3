#include "domains/va/data/table_kind.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <fmt/core.h>

#include "domains/va/data/answer_coding.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "domains/va/data/table_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

constexpr std::uint64_t n_looked_at = 200;  // rows
constexpr std::size_t least_questions = 3;  // of WHO; fewer may be so called by chance

struct Named {
    TableKind kind;
    CohortFormat format;
    std::string_view name;
};

constexpr std::array<Named, 5> kinds = {
    {{TableKind::other, CohortFormat::encoded, "an encoded table"},
     {TableKind::phmrc_adult, CohortFormat::phmrc_adult, "the raw PHMRC adult release"},
     {TableKind::phmrc_child, CohortFormat::phmrc_child, "the raw PHMRC child release"},
     {TableKind::phmrc_neonate, CohortFormat::phmrc_neonate, "the raw PHMRC neonate release"},
     {TableKind::who, CohortFormat::rules, "a questionnaire of WHO as it was filled in"}}};

Named const& entry_of(TableKind kind) {
    return *std::ranges::find(kinds, kind, &Named::kind);
}

TableKind kind_of(CohortFormat format) {
    return std::ranges::find(kinds, format, &Named::format)->kind;
}

/// Goes to the next of the rows that are looked at; a row that cannot be read is the last.
bool next_row(csv::CsvReader& reader, std::uint64_t n_rows) {
    try {
        return n_rows < n_looked_at && reader.next();
    } catch (DataError const&) {
        return false;
    }
}

/// The rules of a release whose questions the table has; nothing where it lacks more than half of them.
std::optional<Questionnaire> questions_in(csv::CsvReader const& reader, PhmrcModule const& module) {
    if (!reader.find(module.told_by)) return std::nullopt;
    CohortSource source;
    source.format = cohort_format(module.format);
    Questionnaire questionnaire = questionnaire_of(source);
    std::size_t const n_rules = questionnaire.rules.size();
    std::erase_if(questionnaire.rules, [&](EncodingRule const& rule) {
        return !reader.find(rule.source) || (!rule.also_source.empty() && !reader.find(rule.also_source));
    });
    if (2 * questionnaire.rules.size() < n_rules) return std::nullopt;
    return questionnaire;
}

/// Are most rows answered as the module's rules know? Codes such as Y and 1 are none of those answers.
bool is_answered_as_in(csv::CsvReader& reader, Questionnaire const& questionnaire) {
    BoundRules const bound = bind_rules(questionnaire, reader);
    std::vector<Answer> answers(bound.n_symptoms);
    std::uint64_t n_rows = 0;
    std::uint64_t n_known = 0;
    while (next_row(reader, n_rows)) {
        ++n_rows;
        bool const has_answer = std::ranges::any_of(
            bound.rules, [&](BoundRule const& rule) { return !reader.cells()[rule.source].empty(); });
        if (has_answer && encode_cells(reader.cells(), bound, answers) == nullptr) ++n_known;
    }
    return 2 * n_known > n_rows;
}

/// Has some question an answer that no coding knows: "wet", a date, a number of days?
bool has_other_answers(csv::CsvReader& reader, std::vector<std::size_t> const& questions) {
    AnswerDecoder const decoder({});
    for (std::uint64_t n_rows = 0; next_row(reader, n_rows); ++n_rows)
        for (std::size_t const column : questions)
            if (!decoder.meaning_of(reader.cells()[column])) return true;
    return false;
}

TableFile opened(std::filesystem::path const& path) {
    return open_table(path, {.quotes = csv::Quotes::release, .bytes = csv::Bytes::any});
}

}  // namespace

bool is_who_question(std::string_view column) {
    constexpr std::size_t n_digits = 5;
    std::string const code = code_of(column);
    return code.starts_with("id1") && code.size() >= 2 + n_digits &&
           code.find_first_not_of("0123456789", 2) >= 2 + n_digits;
}

KindOfTable kind_of_table(std::filesystem::path const& path) {
    TableFile table = opened(path);
    for (auto const& module : phmrc_modules()) {
        auto const questionnaire = questions_in(table.reader, module);
        if (!questionnaire) continue;
        if (is_answered_as_in(table.reader, *questionnaire))
            return {kind_of(cohort_format(module.format)), std::string(module.told_by)};
        table = opened(path);
    }
    std::vector<std::size_t> questions;
    for (std::size_t j = 0; j < table.reader.header().size(); ++j)
        if (is_who_question(table.reader.header()[j])) questions.push_back(j);
    if (questions.size() < least_questions) return {};
    std::string const first = table.reader.header()[questions.front()];
    if (!has_other_answers(table.reader, questions)) return {};
    return {TableKind::who, first, questions.size()};
}

CohortFormat format_of(TableKind kind) {
    return entry_of(kind).format;
}

std::string_view name_of(TableKind kind) {
    return entry_of(kind).name;
}

void refuse_other_kind(CohortSource const& source) {
    if (source.format == CohortFormat::rules) return;
    KindOfTable found;
    try {
        found = kind_of_table(source.path);
    } catch (Error const&) {
        return;  // whoever reads the table has said what is wrong with it
    }
    if (found.kind == TableKind::other || format_of(found.kind) == source.format) return;
    std::string const path = source.path.string();
    if (found.kind == TableKind::who)
        throw DataError(fmt::format(
            "{}: line 1: {} columns are question codes of the WHO questionnaire, such as '{}', with answers "
            "as "
            "they were given: convert them to symptoms first, or give rules (data.format = \"rules\", "
            "data.rules); docs/va/who.md shows both ways",
            path, found.n_questions, found.column));
    throw DataError(fmt::format(
        "{}: line 1: this is {} (it has column '{}', and answers as they were given), not {}; data.format = "
        "\"{}\"",
        path, name_of(found.kind), found.column, name_of(kind_of(source.format)),
        cohort_format_names()[static_cast<std::size_t>(format_of(found.kind))]));
}

}  // namespace vaster::va
