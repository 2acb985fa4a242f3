#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "core/store/rows.hpp"

namespace vaster::store {

/// A row that is being written while we read it does not hold for a moment. Tries again a few times before it
/// believes that something is wrong with it. @param read_and_check  reads, and says whether the checksum
/// holds
template <class ReadAndCheck>
bool settles(ReadAndCheck read_and_check) {
    constexpr int tries = 6;
    for (int i = 0; i < tries; ++i) {
        if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        if (read_and_check()) return true;
    }
    return false;
}

/// Rows and whether each one's checksum holds.
struct SettledRows {
    std::vector<std::byte> rows;
    std::vector<bool> holds;
};

/// Rows [first, first + n) of a table; those that do not hold are read again together, a few times.
[[nodiscard]] SettledRows settled_rows(Table const& table, std::uint64_t first, std::uint64_t n);

/// The number of a row, its bytes, and whether its checksum holds.
using SeeRow = std::function<void(std::uint64_t row, std::span<std::byte const> bytes, bool holds)>;

/// Shows all rows of a table in order, as settled_rows() does, a block at a time in bounded memory.
void see_settled_rows(Table const& table, SeeRow const& see);

}  // namespace vaster::store
