#include "domains/va/data/side_file.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

void require_columns_read(csv::CsvReader const& reader, std::span<std::string_view const> read,
                          std::string_view purpose) {
    std::vector<std::string> const known(read.begin(), read.end());
    std::vector<std::string> unread;
    for (std::size_t i = 0; i < reader.header().size(); ++i) {
        std::string const& name = reader.header()[i];
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        auto const near = nearest_name(name, known);
        unread.push_back(
            fmt::format("column {} ('{}'){}", i + 1, name,
                        near && !reader.find(*near) ? fmt::format(": did you mean '{}'?", *near) : ""));
    }
    require<DataError>(unread.empty(), "{}: line 1: nothing reads {} of {}; it may have: {}", reader.name(),
                       fmt::join(unread, ", "), purpose, fmt::join(known, ", "));
}

}  // namespace vaster::va
