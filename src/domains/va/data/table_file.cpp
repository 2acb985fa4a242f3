#include "domains/va/data/table_file.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

/// Columns become symptoms of the study, and names in its files and pictures.
void refuse_controls(csv::CsvReader const& reader) {
    for (std::size_t j = 0; j < reader.header().size(); ++j)
        require<DataError>(
            !has_control(tidied(reader.header()[j])),
            "{}: line 1, column {}: the name {} has a control character, which no name may have; "
            "take it out of the header",
            reader.name(), j + 1, va::quoted(reader.header()[j]));
}

/// The table with cells parted as its header is.
TableFile open_parted(std::filesystem::path const& path, csv::CsvOptions options) {
    TableFile table{csv::CsvReader(path, options), ',', ""};
    if (table.reader.header().size() > 1) return table;
    std::string const header = table.reader.header().front();
    auto const count = [&](char c) { return std::count(header.begin(), header.end(), c); };
    char const delimiter = count('\t') > count(';') ? '\t' : ';';
    if (count(delimiter) <= count(',')) return table;
    options.delimiter = delimiter;
    return {csv::CsvReader(path, options), delimiter,
            fmt::format("{}: cells are parted by {}, as the header is", path.string(),
                        delimiter == '\t' ? "tabs" : "semicolons")};
}

}  // namespace

TableFile open_table(std::filesystem::path const& path, csv::CsvOptions const& options) {
    TableFile table = open_parted(path, options);
    refuse_controls(table.reader);
    return table;
}

}  // namespace vaster::va
