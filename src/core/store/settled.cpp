#include "core/store/settled.hpp"

#include <algorithm>

#include "core/store/row_window.hpp"

namespace vaster::store {
namespace {

std::span<std::byte const> row_of(std::span<std::byte const> rows, Table const& table, std::size_t i) {
    return rows.subspan(i * table.type().size, table.type().size);
}

}  // namespace

SettledRows settled_rows(Table const& table, std::uint64_t first, std::uint64_t n) {
    SettledRows read{table.read(first, n), std::vector<bool>(n)};
    std::vector<std::size_t> suspects;
    auto const check = [&](std::size_t i) {
        read.holds[i] = table.holds(row_of(read.rows, table, i));
        return read.holds[i];
    };
    for (std::size_t i = 0; i < n; ++i)
        if (!check(i)) suspects.push_back(i);
    (void)settles([&] {
        std::erase_if(suspects, [&](std::size_t i) {
            auto const row = table.read(first + i);
            std::copy(row.bytes().begin(), row.bytes().end(),
                      read.rows.begin() + static_cast<std::ptrdiff_t>(i * table.type().size));
            return check(i);
        });
        return suspects.empty();
    });
    return read;
}

void see_settled_rows(Table const& table, SeeRow const& see) {
    auto const n_rows = table.n_rows();
    for (std::uint64_t first = 0; first < n_rows; first += rows_of_block(table)) {
        auto const n = std::min(rows_of_block(table), n_rows - first);
        auto const block = settled_rows(table, first, n);
        for (std::uint64_t i = 0; i < n; ++i) see(first + i, row_of(block.rows, table, i), block.holds[i]);
    }
}

}  // namespace vaster::store
