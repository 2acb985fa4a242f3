#include "core/store/rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/support/hash.hpp"

namespace vaster::store {
namespace {

static_assert(std::endian::native == std::endian::little,
              "rows are copied as they lie in memory: little-endian");

[[noreturn]] void wrong_type(h5::Field const& field) {
    throw std::logic_error(fmt::format("column '{}' is of another type", field.name));
}

/// The longest beginning of `text` of at most `width` bytes that does not end inside a character.
std::string_view cut(std::string_view text, std::size_t width) {
    if (text.size() <= width) return text;
    while (width > 0 && (static_cast<unsigned char>(text[width]) & 0xC0U) == 0x80U) --width;
    return text.substr(0, width);
}

template <class T>
T load(std::span<std::byte const> bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

}  // namespace

std::span<std::byte const> Row::bytes(std::size_t field) const {
    auto const& f = type_->fields.at(field);
    return std::span(bytes_).subspan(f.offset, size_of(f));
}

void Row::set_unsigned(std::size_t field, std::uint64_t value) {
    auto const& f = type_->fields.at(field);
    if (f.type == h5::Scalar::float32 || f.type == h5::Scalar::float64 || f.type == h5::Scalar::text)
        wrong_type(f);
    std::memcpy(bytes_.data() + f.offset, &value, size_of(f));
}

void Row::set_integer(std::size_t field, std::int64_t value) {
    set_unsigned(field, static_cast<std::uint64_t>(value));
}

void Row::set_real(std::size_t field, double value) {
    auto const& f = type_->fields.at(field);
    if (f.type != h5::Scalar::float64) wrong_type(f);
    std::memcpy(bytes_.data() + f.offset, &value, sizeof value);
}

void Row::set_text(std::size_t field, std::string_view text) {
    auto const& f = type_->fields.at(field);
    if (f.type != h5::Scalar::text) wrong_type(f);
    auto* const begin = bytes_.data() + f.offset;
    auto const kept = cut(text, f.width);
    std::fill(begin, begin + size_of(f), std::byte{0});
    if (!kept.empty()) std::memcpy(begin, kept.data(), kept.size());
}

std::uint64_t Row::unsigned_integer(std::size_t field) const {
    auto const& f = type_->fields.at(field);
    switch (f.type) {
        case h5::Scalar::uint8:
            return load<std::uint8_t>(bytes(field));
        case h5::Scalar::uint32:
            return load<std::uint32_t>(bytes(field));
        case h5::Scalar::uint64:
        case h5::Scalar::int64:
            return load<std::uint64_t>(bytes(field));
        default:
            wrong_type(f);
    }
}

std::int64_t Row::integer(std::size_t field) const {
    return static_cast<std::int64_t>(unsigned_integer(field));
}

double Row::real(std::size_t field) const {
    auto const& f = type_->fields.at(field);
    if (f.type != h5::Scalar::float64) wrong_type(f);
    return load<double>(bytes(field));
}

std::string Row::text(std::size_t field) const {
    auto const& f = type_->fields.at(field);
    if (f.type != h5::Scalar::text) wrong_type(f);
    auto const* const begin = reinterpret_cast<char const*>(bytes(field).data());
    return {begin, ::strnlen(begin, f.width)};
}

Tail tail_of(std::span<std::byte const> row) {
    auto const tail = row.last(tail_bytes);
    return {load<std::uint32_t>(tail), load<std::uint32_t>(tail.subspan(4))};
}

void set_tail(std::span<std::byte> row, Tail tail) {
    auto* const begin = row.last(tail_bytes).data();
    std::memcpy(begin, &tail.crc, sizeof tail.crc);
    std::memcpy(begin + sizeof tail.crc, &tail.mark, sizeof tail.mark);
}

std::uint32_t checksum(std::span<std::byte const> row, std::uint32_t mark) {
    return crc32(std::as_bytes(std::span(&mark, 1)), crc32(row.first(row.size() - tail_bytes)));
}

void seal(std::span<std::byte> row, std::uint32_t mark) {
    set_tail(row, {checksum(row, mark), mark});
}

Row Table::read(std::uint64_t row) const {
    Row content(type());
    data_.read_rows(row, content.bytes());
    return content;
}

std::vector<std::byte> Table::read(std::uint64_t first, std::uint64_t n) const {
    std::vector<std::byte> rows(n * type().size);
    data_.read_rows(first, rows);
    return rows;
}

Row Table::row_at(std::span<std::byte const> rows, std::size_t i) const {
    return {type(), rows.subspan(i * type().size, type().size)};
}

bool Table::holds(std::span<std::byte const> row) const {
    auto const [crc, mark] = tail_of(row);
    return committed(mark) ? crc == checksum(row, mark) : crc == 0;
}

Tail Table::tail(std::uint64_t row) const {
    std::array<std::byte, tail_bytes> bytes{};
    data_.read_end(row, bytes);
    return tail_of(bytes);
}

void Table::open_row(std::uint64_t row, std::uint32_t mark) const {
    open_row(row, mark, tail(row));
}

void Table::open_row(std::uint64_t row, std::uint32_t mark, Tail before) const {
    if (before.mark == mark && before.crc == 0) return;
    std::array<std::byte, tail_bytes> bytes{};
    set_tail(bytes, {0, mark});
    data_.write_end(row, bytes);
}

void Table::open_rows(std::uint64_t first, std::uint64_t n, std::uint32_t mark) const {
    open_rows(first, n, mark, [](auto) { return false; });
}

void Table::open_rows(std::uint64_t first, std::uint64_t n, std::uint32_t mark,
                      std::function<bool(std::span<std::byte const> row)> const& stays) const {
    auto rows = read(first, n);
    auto const part = [&](std::uint64_t begin, std::uint64_t end) {
        return std::span(rows).subspan(begin * type().size, (end - begin) * type().size);
    };
    std::uint64_t begin = 0;  // of those that are to be written
    for (std::uint64_t i = 0; i <= n; ++i) {
        bool const stops = i == n || stays(part(i, i + 1));
        if (!stops) {
            set_tail(part(i, i + 1), {0, mark});
            continue;
        }
        if (begin < i) data_.write_rows(first + begin, part(begin, i));
        begin = i + 1;
    }
}

void Table::commit_open(std::uint64_t row, Row content, std::uint32_t mark) const {
    seal(content.bytes(), mark);
    data_.write_rows(row, content.bytes());
}

void Table::commit(std::uint64_t row, Row content, std::uint32_t open_mark, std::uint32_t mark) const {
    open_row(row, open_mark);
    commit_open(row, std::move(content), mark);
}

}  // namespace vaster::store
