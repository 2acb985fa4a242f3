#include <algorithm>
#include <utility>

#include "domains/va/data/cohort_builder.hpp"
#include "domains/va/data/tables.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

using va::Answer;

/// How a table writes its answers.
enum class Coding {
    undecided,  ///< only empty cells so far
    letters,    ///< Y, empty, .
    digits,     ///< 1, 0, empty or NA
};

/// A cell's answer and what it says about the table's coding.
struct Reading {
    Answer answer = Answer::missing;
    Coding coding = Coding::undecided;
    bool known = true;
};

Reading read_cell(std::string_view cell) {
    if (cell == "Y") return {Answer::present, Coding::letters};
    if (cell == ".") return {Answer::missing, Coding::letters};
    if (cell == "0" || cell == "0.0") return {Answer::absent, Coding::digits};
    if (cell == "1" || cell == "1.0") return {Answer::present, Coding::digits};
    if (cell == "NA") return {Answer::missing, Coding::digits};
    return {Answer::missing, Coding::undecided, false};
}

/// Reads the symptom cells of one table. Which coding it has is decided by the first cell that is not empty.
class SymptomDecoder {
  public:
    [[nodiscard]] Coding coding() const noexcept { return coding_; }

    /// @param cell  of `column` in the reader's current row
    Answer decode(std::string_view cell, csv::CsvReader const& reader, std::size_t column) {
        if (cell.empty()) return empty_means_;
        Reading const reading = read_cell(cell);
        if (coding_ == Coding::undecided && reading.known) decide(reading.coding, reader, column);
        if (!reading.known || reading.coding != coding_) refuse(reading, reader, column);
        return reading.answer;
    }

  private:
    /// Apart from decode(), since the place of a cell is text that takes longer to make than to read it.
    [[noreturn]] void refuse(Reading const& reading, csv::CsvReader const& reader, std::size_t column) const {
        std::string_view const cell = reader.cells()[column];
        require<DataError>(reading.known,
                           "{}: unknown answer '{}'; symptoms are coded as Y, empty (absent) and . "
                           "(missing), or as 1, 0 and empty or NA "
                           "(missing). A column that is not a symptom belongs in data.label_columns; the raw "
                           "PHMRC release needs data.format = "
                           "\"phmrc-adult\"",
                           reader.where(column), cell);
        throw DataError(fmt::format(
            "{}: '{}' in a table coded as {} (decided by {}); a table has one coding", reader.where(column),
            cell, coding_ == Coding::letters ? "Y, empty, ." : "1, 0, empty or NA", decided_by_));
    }

    void decide(Coding coding, csv::CsvReader const& reader, std::size_t column) {
        coding_ = coding;
        empty_means_ = coding == Coding::letters ? Answer::absent : Answer::missing;
        decided_by_ =
            fmt::format("'{}' on line {}, column {}", reader.cells()[column], reader.line(), column + 1);
    }

    Coding coding_ = Coding::undecided;
    Answer empty_means_ = Answer::absent;  // while undecided: the builder is told when this turns out wrong
    std::string decided_by_;
};

bool is_label(CohortSource const& source, std::string_view column) {
    return column == source.label ||
           std::ranges::find(source.label_columns, column) != source.label_columns.end();
}

std::vector<std::size_t> symptom_columns(csv::CsvReader const& reader, CohortSource const& source) {
    std::vector<std::size_t> columns;
    for (std::size_t j = 0; j < reader.header().size(); ++j) {
        std::string const& name = reader.header()[j];
        if (name != source.site && name != source.population && !is_label(source, name)) columns.push_back(j);
    }
    require<DataError>(!columns.empty(),
                       "{}: line 1: no column is left for symptoms beside the site and the labels",
                       source.path.string());
    return columns;
}

std::vector<std::string> names_of(csv::CsvReader const& reader, std::span<std::size_t const> columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (std::size_t const column : columns) names.push_back(reader.header()[column]);
    return names;
}

}  // namespace

Cohort read_encoded_table(CohortSource const& source) {
    csv::CsvReader reader(source.path);
    std::size_t const site = reader.position(source.site, "the site (data.site)");
    std::size_t const label = reader.position(source.label, "the causes (data.label)");
    auto const columns = symptom_columns(reader, source);
    CohortBuilder builder(names_of(reader, columns));
    if (!source.population.empty())
        builder.take_populations_from(
            reader.position(source.population, "sub-populations (data.population)"));
    SymptomDecoder decoder;
    std::vector<Answer> answers(columns.size());
    while (reader.next()) {
        Coding const before = decoder.coding();
        auto const cells = reader.cells();
        for (std::size_t k = 0; k < columns.size(); ++k)
            answers[k] = decoder.decode(cells[columns[k]], reader, columns[k]);
        if (before == Coding::undecided && decoder.coding() == Coding::digits) {
            builder.replace_answers(Answer::missing);
            for (std::size_t k = 0; k < columns.size() && cells[columns[k]].empty(); ++k)
                answers[k] = Answer::missing;
        }
        if (cells[site].empty()) {
            builder.leave_out(reader, fmt::format("no site in column '{}'", source.site));
        } else if (cells[label].empty()) {
            builder.leave_out(reader, fmt::format("no cause in column '{}'", source.label));
        } else {
            builder.add(reader, cells[site], cells[label], answers);
        }
    }
    require<DataError>(decoder.coding() != Coding::undecided,
                       "{}: every symptom cell is empty; there is nothing to learn from",
                       source.path.string());
    return std::move(builder).finish(reader, source.path.string());
}

}  // namespace vaster::va
