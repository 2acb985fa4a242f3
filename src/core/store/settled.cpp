#include "core/store/settled.hpp"

#include <algorithm>

namespace vaster::store {

SettledRows settled_rows(Table const& table, std::uint64_t n) {
    SettledRows read{table.read(0, n), std::vector<bool>(n)};
    std::vector<std::size_t> suspects;
    auto const check = [&](std::size_t i) {
        read.holds[i] = table.holds(table.row_at(read.rows, i).bytes());
        return read.holds[i];
    };
    for (std::size_t i = 0; i < n; ++i)
        if (!check(i)) suspects.push_back(i);
    (void)settles([&] {
        std::erase_if(suspects, [&](std::size_t i) {
            auto const row = table.read(i);
            std::copy(row.bytes().begin(), row.bytes().end(),
                      read.rows.begin() + static_cast<std::ptrdiff_t>(i * table.type().size));
            return check(i);
        });
        return suspects.empty();
    });
    return read;
}

}  // namespace vaster::store
