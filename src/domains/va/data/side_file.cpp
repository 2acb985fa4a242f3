#include "domains/va/data/side_file.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

/// ": did you mean 'site'?" where the file has no such column yet.
std::string hint_at(std::string const& name, std::span<std::string const> known,
                    csv::CsvReader const& reader) {
    std::vector<std::string> lacking;
    std::copy_if(known.begin(), known.end(), std::back_inserter(lacking),
                 [&](std::string const& column) { return !reader.find(column); });
    std::string const hint = did_you_mean(name, lacking);
    return hint.empty() ? hint : fmt::format(": {}", hint);
}

}  // namespace

void require_columns_read(csv::CsvReader const& reader, std::span<std::string_view const> read,
                          std::string_view purpose) {
    std::vector<std::string> const known(read.begin(), read.end());
    std::vector<std::string> unread;
    for (std::size_t i = 0; i < reader.header().size(); ++i) {
        std::string const& name = reader.header()[i];
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        unread.push_back(fmt::format("column {} ('{}'){}", i + 1, name, hint_at(name, known, reader)));
    }
    require<DataError>(unread.empty(), "{}: line 1: nothing reads {} of {}; it may have: {}", reader.name(),
                       fmt::join(unread, ", "), purpose, fmt::join(known, ", "));
}

}  // namespace vaster::va
