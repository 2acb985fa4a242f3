#include "domains/service/report/shown.hpp"

#include <fmt/core.h>

namespace vaster::service {

TextTable first_rows(TextTable text, std::string const& csv) {
    constexpr std::size_t most = 200;
    if (text.rows.size() <= most) return text;
    text.notes.push_back(
        fmt::format("The first {} of {}; tables/{}.csv has all.", most, text.rows.size(), csv));
    text.rows.resize(most);
    return text;
}

}  // namespace vaster::service
