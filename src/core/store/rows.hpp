#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/h5/dataset.hpp"
#include "core/h5/types.hpp"

namespace vaster::store {

/// One row of a table: its bytes and how to read them.
class Row {
  public:
    /// All zeros; `type` must outlive the row.
    explicit Row(h5::RecordType const& type) : type_(&type), bytes_(type.size) {}

    Row(h5::RecordType const& type, std::span<std::byte const> bytes)
        : type_(&type), bytes_(bytes.begin(), bytes.end()) {}

    /// Integers of any width, by the field's position.
    void set_integer(std::size_t field, std::int64_t value);
    void set_unsigned(std::size_t field, std::uint64_t value);
    void set_real(std::size_t field, double value);
    /// Cut at a character where it is too long.
    void set_text(std::size_t field, std::string_view text);

    [[nodiscard]] std::int64_t integer(std::size_t field) const;
    [[nodiscard]] std::uint64_t unsigned_integer(std::size_t field) const;
    [[nodiscard]] double real(std::size_t field) const;
    [[nodiscard]] std::string text(std::size_t field) const;

    [[nodiscard]] h5::RecordType const& type() const noexcept { return *type_; }

    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return bytes_; }

    [[nodiscard]] std::span<std::byte> bytes() noexcept { return bytes_; }

    /// The bytes of one field.
    [[nodiscard]] std::span<std::byte const> bytes(std::size_t field) const;

  private:
    h5::RecordType const* type_;
    std::vector<std::byte> bytes_;
};

/// The last eight bytes of every row, at a multiple of eight, so that no page or sector boundary ever parts
/// them: a checksum, and a mark that says what the row is. A mark below Table's `first_committed` means "not
/// committed", and the checksum is then 0.
struct Tail {
    std::uint32_t crc = 0;
    std::uint32_t mark = 0;
};

inline constexpr std::size_t tail_bytes = 8;

[[nodiscard]] Tail tail_of(std::span<std::byte const> row);
void set_tail(std::span<std::byte> row, Tail tail);

/// CRC-32 of the row up to its tail, and of its mark.
[[nodiscard]] std::uint32_t checksum(std::span<std::byte const> row, std::uint32_t mark);

/// Gives a row the tail that it has when it is committed.
void seal(std::span<std::byte> row, std::uint32_t mark);

/// Rows that are committed by one process each.
class Table {
  public:
    Table(h5::Dataset data, std::uint32_t first_committed)
        : data_(std::move(data)), first_committed_(first_committed) {}

    /// As Dataset::detach().
    void detach(std::shared_ptr<h5::RowFile const> const& file) { data_.detach(file); }

    [[nodiscard]] h5::Dataset const& data() const noexcept { return data_; }

    [[nodiscard]] h5::RecordType const& type() const noexcept { return data_.element(); }

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return data_.n_rows(); }

    [[nodiscard]] Row read(std::uint64_t row) const;
    /// Rows [first, first + n), one after the other.
    [[nodiscard]] std::vector<std::byte> read(std::uint64_t first, std::uint64_t n) const;
    [[nodiscard]] Row row_at(std::span<std::byte const> rows, std::size_t i) const;

    [[nodiscard]] bool committed(std::uint32_t mark) const noexcept { return mark >= first_committed_; }

    /// Committed with the right checksum, or not committed and without one.
    [[nodiscard]] bool holds(std::span<std::byte const> row) const;

    [[nodiscard]] Tail tail(std::uint64_t row) const;

    /// Takes the row out of commission: only its tail changes.
    void open_row(std::uint64_t row, std::uint32_t mark) const;
    /// @param before  its tail, which the caller has read
    void open_row(std::uint64_t row, std::uint32_t mark, Tail before) const;
    /// The same for rows [first, first + n), in one go: they are written as they are but for their tails,
    /// wherever a kill cuts the write off.
    void open_rows(std::uint64_t first, std::uint64_t n, std::uint32_t mark) const;
    /// The same but for rows that are to stay as they are.
    void open_rows(std::uint64_t first, std::uint64_t n, std::uint32_t mark,
                   std::function<bool(std::span<std::byte const> row)> const& stays) const;
    /// Writes an open row and commits it at once: its tail comes last, so that it stays open when the process
    /// dies before the end.
    void commit_open(std::uint64_t row, Row content, std::uint32_t mark) const;
    /// The same for a row that may be committed: opened first.
    void commit(std::uint64_t row, Row content, std::uint32_t open_mark, std::uint32_t mark) const;

    /// Writes open rows from `first` on, one after the other, which seal() has made ready: a process that
    /// dies before the end leaves the first ones committed and the others open.
    void write_sealed(std::uint64_t first, std::span<std::byte const> rows) const {
        data_.write_rows(first, rows);
    }

  private:
    h5::Dataset data_;
    std::uint32_t first_committed_;
};

}  // namespace vaster::store
