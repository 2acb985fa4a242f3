#include "core/report/tables.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/ranges.h>

#include "core/report/json_text.hpp"
#include "core/store/reader.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::report {
namespace {

void write_rows(std::ostream& out, Table const& table) {
    out << '[';
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        VASTER_EXPECTS(table.rows[i].size() == table.columns.size());
        Json row;
        for (std::size_t k = 0; k < table.columns.size(); ++k)
            row[table.columns[k]] = json_of(table.rows[i][k]);
        out << (i == 0 ? "\n" : ",\n") << dump(row);
    }
    out << (table.rows.empty() ? "]" : "\n]");
}

}  // namespace

void write_json(std::ostream& out, Document const& document) {
    out << "{\n";
    for (auto const& fact : document.facts)
        out << dump(fact.name) << ": " << dump(json_of(fact.value)) << ",\n";
    out << "\"notes\": " << dump(Json(document.notes)) << ",\n\"tables\": {\n";
    char const* separator = "";
    for (auto const& table : document.tables) {
        out << separator << dump(table.name) << ": ";
        write_rows(out, table);
        separator = ",\n";
    }
    out << "\n}\n}\n";
}

void write_csv(std::ostream& out, Table const& table) {
    out << csv_line(table.columns) << '\n';
    std::vector<std::string> line;
    for (auto const& row : table.rows) {
        line.clear();
        for (auto const& cell : row) line.push_back(store::cell_text(cell));
        out << csv_line(line) << '\n';
    }
}

Table const& find_table(Document const& document, std::string const& name) {
    std::vector<std::string> names;
    for (auto const& table : document.tables) {
        if (table.name == name) return table;
        names.push_back(table.name);
    }
    throw UsageError(fmt::format("there is no table '{}'; the tables are: {}", name, fmt::join(names, ", ")));
}

std::string words_of(Table const& table, std::string const& column) {
    auto const found = std::find_if(table.words.begin(), table.words.end(),
                                    [&](ColumnWords const& one) { return one.column == column; });
    if (found != table.words.end()) return found->words;
    std::string words = column;
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

}  // namespace vaster::report
