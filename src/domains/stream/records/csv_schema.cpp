#include "domains/stream/records/csv_schema.hpp"

#include <algorithm>

#include "vaster/support/errors.hpp"

namespace vaster::stream {

std::size_t CsvSchema::place_of(std::string_view name) const {
    auto const found = std::find_if(columns.begin(), columns.end(),
                                    [&](Column const& column) { return column.name == name; });
    return static_cast<std::size_t>(found - columns.begin());
}

CsvSchema read_schema(std::span<std::string_view const> header, std::string_view path) {
    require<DataError>(header.size() == CsvSchema::n_lines,
                       "{}: CSV begins with three lines (names, units, types), and here are {}", path,
                       header.size());
    CsvSchema schema;
    CsvCells line;
    for (std::size_t row = 0; row < header.size(); ++row) {
        require<DataError>(line.split(header[row]), "{}, header line {}: a quoted cell does not end", path,
                           row + 1);
        auto const& cells = line.cells();
        if (row == 0) schema.columns.resize(cells.size());
        require<DataError>(cells.size() == schema.columns.size(),
                           "{}, header line {}: {} cells, but line 1 names {} columns", path, row + 1,
                           cells.size(), schema.columns.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            auto& column = schema.columns[i];
            if (row == 0) {
                require<DataError>(!cells[i].empty(), "{}: column {} has no name", path, i + 1);
                require<DataError>(schema.place_of(cells[i]) >= i, "{}: two columns are named '{}'", path,
                                   cells[i]);
                column.name = cells[i];
            } else if (row == 1) {
                column.unit = cells[i];
            } else {
                require<DataError>(
                    cells[i] == "v" || cells[i] == "sv",
                    "{}, header line 3: column '{}' is of type '{}', which is neither v (number) "
                    "nor sv (text). CSV begins with three lines: names, units, types",
                    path, column.name, cells[i]);
                column.type = cells[i] == "v" ? CsvSchema::Type::number : CsvSchema::Type::text;
            }
        }
    }
    return schema;
}

bool CsvCells::split(std::string_view line) {
    cells_.clear();
    if (line.find('"') != std::string_view::npos) return split_quoted(line);
    std::size_t begin = 0;
    for (;;) {
        auto const comma = line.find(',', begin);
        if (comma == std::string_view::npos) break;
        cells_.push_back(line.substr(begin, comma - begin));
        begin = comma + 1;
    }
    cells_.push_back(line.substr(begin));
    return true;
}

bool CsvCells::split_quoted(std::string_view line) {
    unquoted_.clear();
    unquoted_.reserve(line.size());  // views into it stay good
    std::size_t place = 0;
    for (;;) {
        if (place < line.size() && line[place] == '"') {
            auto const begin = unquoted_.size();
            for (++place;; ++place) {
                if (place >= line.size()) return false;
                bool const doubled = line[place] == '"' && place + 1 < line.size() && line[place + 1] == '"';
                if (line[place] == '"' && !doubled) break;
                unquoted_ += line[place];
                if (doubled) ++place;
            }
            ++place;
            cells_.push_back(std::string_view(unquoted_).substr(begin));
            if (place < line.size() && line[place] != ',') return false;
        } else {
            auto const comma = std::min(line.find(',', place), line.size());
            cells_.push_back(line.substr(place, comma - place));
            place = comma;
        }
        if (place >= line.size()) return true;
        ++place;
    }
}

}  // namespace vaster::stream
