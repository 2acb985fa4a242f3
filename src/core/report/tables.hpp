#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "vaster/study/schema.hpp"

namespace vaster::report {

/// What people read in place of the name of a column: "deaths_lo", "95 % interval over deaths, from".
struct ColumnWords {
    std::string column, words;
};

/// A table of numbers and names for machines. Names of tables and columns are stable: scripts rely on them.
struct Table {
    std::string name;  ///< "means"
    std::string doc;   ///< what a row is, one line
    std::vector<std::string> columns;
    std::vector<study::Cells> rows;  ///< [n_rows][n_columns]
    /// Of any columns, also of some that the table does not have; the others are read with spaces for
    /// underscores.
    std::vector<ColumnWords> words = {};
};

/// The column as people read it.
[[nodiscard]] std::string words_of(Table const& table, std::string const& column);

/// A fact about all tables of a document: "seed", 42.
struct Fact {
    std::string name;
    study::Cell value;
};

/// What a command computed, for machines.
struct Document {
    std::vector<Fact> facts;
    std::vector<std::string> notes;  ///< what a reader must know
    std::vector<Table> tables;
};

/// One JSON object: the facts, "notes", and under "tables" a list of objects by table. A missing number is
/// null. Ends in a newline.
void write_json(std::ostream& out, Document const& document);

/// A header and one line per row. Numbers with 17 significant digits, a missing number empty.
void write_csv(std::ostream& out, Table const& table);

/// @throws UsageError when there is no table of that name, naming those that are there
[[nodiscard]] Table const& find_table(Document const& document, std::string const& name);

}  // namespace vaster::report
