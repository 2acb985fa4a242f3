#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/store/rows.hpp"

namespace vaster::store {

/// Reads a table of any length in bounded memory: rows that are asked for in order come in blocks of a
/// mebibyte, any other row comes alone.
class RowWindow {
  public:
    /// @param table  must outlive the window
    explicit RowWindow(Table const& table) : table_(&table) {}

    /// The row as it was when its block was read, whether its checksum holds or not; the bytes are there
    /// until the next call. @throws IoError
    [[nodiscard]] std::span<std::byte const> row(std::uint64_t row);

    /// What was read ahead is read again when it is asked for.
    void forget() { n_ = 0; }

  private:
    Table const* table_;
    std::vector<std::byte> bytes_;
    std::uint64_t first_ = 0;  ///< row of the table that comes first in bytes_
    std::uint64_t n_ = 0;      ///< rows in bytes_
    std::uint64_t next_ = 0;   ///< row that would be in order
};

/// Rows of a table that are read at once in about a mebibyte; at least one.
[[nodiscard]] std::uint64_t rows_of_block(Table const& table);

}  // namespace vaster::store
