#include "domains/va/models/insilico/given.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/csv/csv.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::insilicova {

namespace {

std::optional<std::uint8_t> level_in(std::string_view cell) {
    std::string_view const name = cell.empty() ? "N" : cell == "B -" ? "B-" : cell;
    auto const place = std::find(level_names.begin(), level_names.end(), name);
    if (place == level_names.end()) return std::nullopt;
    return static_cast<std::uint8_t>(place - level_names.begin());
}

std::optional<double> number_in(std::string_view cell) {
    double number = 0;
    auto const [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc{} || end != cell.data() + cell.size()) return std::nullopt;
    return number;
}

/// Reads the cells of one table and holds it to one of the two ways of writing them.
class CellReader {
  public:
    explicit CellReader(GivenTable& table) : table_(table) {}

    void read(csv::CsvReader const& reader, std::size_t column) {
        std::string_view const cell = reader.cells()[column];
        auto const number = number_in(cell);
        if (number && table_.levels.empty()) {
            require<DataError>(*number >= 0 && *number <= 1,
                               "{}: P(symptom | cause) = {} (must lie between 0 and 1, both included)",
                               reader.where(column), cell);
            table_.numbers.push_back(*number);
            return;
        }
        auto const level = level_in(cell);
        require<DataError>(level.has_value() || number.has_value(),
                           "{}: '{}' is neither a number nor a level; levels are {}", reader.where(column),
                           cell, fmt::join(level_names, " "));
        require<DataError>(
            level.has_value() && table_.numbers.empty(),
            "{}: '{}' in a table of {}; give P(symptom | cause) all as letters or all as numbers",
            reader.where(column), cell, table_.numbers.empty() ? "letters" : "numbers");
        table_.levels.push_back(*level);
    }

  private:
    GivenTable& table_;
};

/// Place of every name of `wanted` in `names`, for those that are there; by place in `names`.
std::map<std::uint32_t, std::size_t> places_of(std::vector<std::string> const& wanted,
                                               std::span<std::string const> names) {
    std::map<std::uint32_t, std::size_t> places;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const found = std::find(names.begin(), names.end(), wanted[i]);
        if (found != names.end()) places.emplace(static_cast<std::uint32_t>(found - names.begin()), i);
    }
    return places;
}

}  // namespace

GivenTable read_given_table(std::filesystem::path const& path) {
    csv::CsvReader reader(path);
    GivenTable table;
    table.name = path.string();
    std::size_t const symptom = reader.position("symptom", "the rows of a table of P(symptom | cause)");
    for (auto const& name : reader.header())
        if (name != "symptom") table.causes.push_back(name);
    require<DataError>(!table.causes.empty(),
                       "{}: no column beside 'symptom'; give one column for each cause, headed by its label",
                       table.name);
    CellReader cells(table);
    std::set<std::string, std::less<>> seen;
    while (reader.next()) {
        std::string name(reader.cells()[symptom]);
        require<DataError>(seen.insert(name).second, "{}: symptom '{}' has a row already",
                           reader.where(symptom), name);
        table.symptoms.push_back(std::move(name));
        for (std::size_t column = 0; column < reader.header().size(); ++column)
            if (column != symptom) cells.read(reader, column);
    }
    return table;
}

GivenCells bind_given(GivenTable const& table, Vocabulary const& vocabulary) {
    auto const symptoms = places_of(table.symptoms, vocabulary.symptoms);
    auto const causes = places_of(table.causes, vocabulary.causes);
    require<ModelError>(!symptoms.empty(),
                        "no symptom of the data has a row in the given table of P(symptom | cause); its "
                        "first row is '{}', the data's first symptom '{}'",
                        table.symptoms.front(),
                        vocabulary.symptoms.empty() ? "" : vocabulary.symptoms.front());
    for (auto const& cause : table.causes)
        require<ModelError>(
            std::find(vocabulary.causes.begin(), vocabulary.causes.end(), cause) != vocabulary.causes.end(),
            "column '{}' of the given table of P(symptom | cause) is not a cause of the data; "
            "the data's causes are: {}",
            cause, fmt::join(vocabulary.causes, ", "));
    GivenCells cells;
    for (auto const& [cause, column] : causes) cells.causes.push_back(cause);
    for (auto const& [symptom, row] : symptoms) {
        cells.symptoms.push_back(symptom);
        for (auto const& [cause, column] : causes) {
            std::size_t const k = row * table.causes.size() + column;
            if (table.levels.empty())
                cells.numbers.push_back(table.numbers[k]);
            else
                cells.levels.push_back(table.levels[k]);
        }
    }
    return cells;
}

}  // namespace vaster::models::insilicova
