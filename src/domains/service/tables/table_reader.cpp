#include "domains/service/tables/table_reader.hpp"

#include <algorithm>
#include <fstream>

#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

char delimiter_of(std::filesystem::path const& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    char most = ',';
    for (char const delimiter : {';', '\t'})
        if (std::count(line.begin(), line.end(), delimiter) > std::count(line.begin(), line.end(), most))
            most = delimiter;
    return most;
}

}  // namespace

csv::CsvReader open_table(std::filesystem::path const& path) {
    return csv::CsvReader(path, {.delimiter = delimiter_of(path), .no_rows = csv::NoRows::accept});
}

std::vector<std::size_t> positions_of(csv::CsvReader const& table, std::vector<std::string> const& names,
                                      std::string_view purpose) {
    std::vector<std::size_t> positions;
    positions.reserve(names.size());
    for (auto const& name : names) {
        auto const position = table.position(name, purpose);
        bool const again = std::find(positions.begin(), positions.end(), position) != positions.end();
        require<DataError>(!again, "column '{}' is given twice ({})", name, purpose);
        positions.push_back(position);
    }
    return positions;
}

std::vector<std::string> cells_at(csv::CsvReader const& table, std::vector<std::size_t> const& positions) {
    std::vector<std::string> cells;
    cells.reserve(positions.size());
    for (auto const position : positions) cells.emplace_back(table.cells()[position]);
    return cells;
}

}  // namespace vaster::service
