#include "domains/va/data/table_file.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace vaster::va {

TableFile open_table(std::filesystem::path const& path) {
    TableFile table{csv::CsvReader(path), ',', ""};
    if (table.reader.header().size() > 1) return table;
    std::string const header = table.reader.header().front();
    auto const count = [&](char c) { return std::count(header.begin(), header.end(), c); };
    char const delimiter = count('\t') > count(';') ? '\t' : ';';
    if (count(delimiter) <= count(',')) return table;
    return {csv::CsvReader(path, {.delimiter = delimiter}), delimiter,
            fmt::format("{}: cells are parted by {}, as the header is", path.string(),
                        delimiter == '\t' ? "tabs" : "semicolons")};
}

}  // namespace vaster::va
