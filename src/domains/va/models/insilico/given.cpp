#include "domains/va/models/insilico/given.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/csv/csv.hpp"
#include "domains/va/data/spellings.hpp"
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

void add_cause(csv::CsvReader const& reader, std::string name, GivenTable& table) {
    require<DataError>(
        !name.empty(),
        "{}: line 1: column {} has no name; each column beside 'symptom' is a cause, headed by its "
        "label",
        reader.name(), table.causes.size() + 1);
    require<DataError>(std::find(table.causes.begin(), table.causes.end(), name) == table.causes.end(),
                       "{}: line 1: cause '{}' has two columns", reader.name(), name);
    table.causes.push_back(std::move(name));
}

}  // namespace

GivenTable read_given_table(std::filesystem::path const& path) {
    csv::CsvReader reader(path);
    GivenTable table;
    table.name = path.string();
    std::size_t const symptom = reader.position("symptom", "the rows of a table of P(symptom | cause)");
    for (auto const& name : reader.header())
        if (name != "symptom") add_cause(reader, va::tidied(name), table);
    require<DataError>(!table.causes.empty(),
                       "{}: no column beside 'symptom'; give one column for each cause, headed by its label",
                       table.name);
    CellReader cells(table);
    std::set<std::string, std::less<>> seen;
    while (reader.next()) {
        std::string name = va::tidied(reader.cells()[symptom]);
        require<DataError>(seen.insert(name).second, "{}: symptom '{}' has a row already",
                           reader.where(symptom), name);
        table.symptoms.push_back(std::move(name));
        for (std::size_t column = 0; column < reader.header().size(); ++column)
            if (column != symptom) cells.read(reader, column);
    }
    return table;
}

namespace {

/// Names of the one list that the other does not have.
std::vector<std::string> lacking(std::span<std::string const> names, std::span<std::string const> others) {
    std::vector<std::string> lacking;
    for (auto const& name : names)
        if (std::find(others.begin(), others.end(), name) == others.end()) lacking.push_back(name);
    return lacking;
}

/// "Tetanus, Rabies", at most ten and how many more.
std::string listed(std::vector<std::string> const& names) {
    constexpr std::size_t n_shown = 10;
    auto const end = names.begin() + static_cast<std::ptrdiff_t>(std::min(n_shown, names.size()));
    return fmt::format("{}{}", fmt::join(names.begin(), end, ", "),
                       names.size() > n_shown ? fmt::format(", ... ({} in all)", names.size()) : "");
}

/// A name that is written in another way would be passed over as one that nobody has.
/// @param what  "causes" or "symptoms"
void refuse_other_spellings(GivenTable const& table, std::string_view what,
                            std::span<std::string const> in_table, std::span<std::string const> in_data) {
    auto const not_in_data = lacking(in_table, in_data);
    auto const not_in_table = lacking(in_data, in_table);
    std::vector<std::string> pairs;
    for (auto const& there : not_in_data)
        for (auto const& here : not_in_table)
            if (va::folded(there) == va::folded(here))
                pairs.push_back(fmt::format("'{}' ('{}' in the data)", there, here));
    require<DataError>(pairs.empty(), "{}: {} in another spelling than the data's: {}; write them alike",
                       table.name, what, listed(pairs));
}

}  // namespace

GivenCells bind_given(GivenTable const& table, Vocabulary const& vocabulary) {
    auto const symptoms = places_of(table.symptoms, vocabulary.symptoms);
    auto const causes = places_of(table.causes, vocabulary.causes);
    refuse_other_spellings(table, "symptoms", table.symptoms, vocabulary.symptoms);
    require<DataError>(
        !symptoms.empty(),
        "{}: no symptom of the data has a row in this table of P(symptom | cause); its first row is "
        "'{}', the data's first symptom '{}'",
        table.name, table.symptoms.front(), vocabulary.symptoms.empty() ? "" : vocabulary.symptoms.front());
    refuse_other_spellings(table, "causes", table.causes, vocabulary.causes);
    require<DataError>(
        !causes.empty(),
        "{}: no cause of the data has a column in this table of P(symptom | cause); its columns are: "
        "{}; the data's causes: {}",
        table.name, listed(table.causes), fmt::join(vocabulary.causes, ", "));
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

std::vector<std::string> describe_binding(GivenTable const& table, Vocabulary const& vocabulary) {
    (void)bind_given(table, vocabulary);
    std::vector<std::string> notes;
    auto const say = [&](std::vector<std::string> const& names, std::string_view what) {
        if (!names.empty())
            notes.push_back(fmt::format("{}: {} {}: {}", table.name, names.size(), what, listed(names)));
    };
    say(lacking(table.causes, vocabulary.causes),
        "of its causes are passed over, since no death of the data has them");
    say(lacking(vocabulary.causes, table.causes),
        "of the data's causes have no column in it, and are never predicted");
    say(lacking(vocabulary.symptoms, table.symptoms),
        "of the data's symptoms have no row in it, and are not used");
    say(lacking(table.symptoms, vocabulary.symptoms),
        "of its symptoms are passed over, since the data do not have them");
    return notes;
}

}  // namespace vaster::models::insilicova
