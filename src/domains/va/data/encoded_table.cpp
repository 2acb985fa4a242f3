#include <utility>

#include <fmt/core.h>

#include "domains/va/data/answer_coding.hpp"
#include "domains/va/data/cohort_builder.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/data/tables.hpp"

namespace vaster::va {

namespace {

std::vector<std::string> names_of(csv::CsvReader const& reader, std::vector<std::size_t> const& columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (std::size_t const column : columns) names.push_back(tidied(reader.header()[column]));
    return names;
}

/// The label columns that are in the table: for a suggestion of what data.label_columns may be.
std::vector<std::string> label_columns_of(ColumnRoles const& roles, CohortSource const& source) {
    std::vector<std::string> columns{source.label};
    columns.insert(columns.end(), roles.ignored.begin(), roles.ignored.end());
    return columns;
}

}  // namespace

Cohort read_encoded_table(CohortSource const& source) {
    TableFile table = open_table(source.path);
    csv::CsvReader& reader = table.reader;
    ColumnRoles const roles = roles_of(table, source);
    CohortBuilder builder(source, roles.of_death, names_of(reader, roles.symptoms));
    if (!table.note.empty()) builder.add_note(table.note);
    std::vector<UnnamedColumn> unnamed(roles.unnamed.begin(), roles.unnamed.end());
    auto const like_ids = unused_ids(reader, source, roles.ignored);
    std::vector<UnusedIds> ids(like_ids.begin(), like_ids.end());
    AnswerDecoder decoder(source.spellings, roles.of_death.id);
    std::vector<Answer> answers(roles.symptoms.size());
    while (reader.next()) {
        auto const cells = reader.cells();
        for (std::size_t k = 0; k < answers.size(); ++k)
            answers[k] = decoder.decode(cells[roles.symptoms[k]], reader, roles.symptoms[k]);
        for (auto& column : unnamed) column.look_at(reader);
        for (auto& column : ids) column.look_at(reader);
        builder.take(reader, cells[roles.label], answers);
    }
    std::string const& path = reader.name();
    for (auto const& column : unnamed) builder.add_note(column.verdict(path));
    Coding coding = decoder.finish(reader, label_columns_of(roles, source));
    builder.settle_open_answers(coding.empty_means);
    builder.add_note(fmt::format("{}: coding: {}", path, coding.text));
    for (auto& note : coding.notes) builder.add_note(std::move(note));
    for (auto const& column : ids)
        if (auto note = column.note(reader)) builder.add_note(*std::move(note));
    builder.reading().coding = coding.text;
    builder.reading().ignored = roles.ignored;
    return std::move(builder).finish(reader);
}

}  // namespace vaster::va
