#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>
#include <vector>

#include "vaster/study/schema.hpp"

// Rows of a study file as structs.
namespace vaster::stream {

/// A column, and the member that it shows.
template <class Row>
struct Shown {
    std::variant<std::int64_t Row::*, double Row::*, std::string Row::*> member;
    char const* name;
    char const* doc;
    study::Nature nature = study::Nature::result;
    std::uint32_t width = 0;
};

template <class Row>
[[nodiscard]] std::vector<study::Column> columns_of(std::vector<Shown<Row>> const& shown) {
    constexpr std::array types{study::CellType::integer, study::CellType::real, study::CellType::text};
    std::vector<study::Column> columns;
    columns.reserve(shown.size());
    for (auto const& one : shown)
        columns.push_back({one.name, types.at(one.member.index()), one.width, one.doc, one.nature});
    return columns;
}

template <class Row>
void append_cells(study::Cells& cells, std::vector<Shown<Row>> const& shown, Row const& row) {
    cells.reserve(cells.size() + shown.size());
    for (auto const& one : shown)
        cells.push_back(std::visit([&](auto member) { return study::Cell(row.*member); }, one.member));
}

template <class Row>
[[nodiscard]] study::Cells cells_by(std::vector<Shown<Row>> const& shown, Row const& row) {
    study::Cells cells;
    append_cells(cells, shown, row);
    return cells;
}

template <class T>
void take(T& value, study::Cell const& cell) {
    value = std::get<T>(cell);
}

/// @param first  cell of the first column
template <class Row>
void read_row(Row& row, std::vector<Shown<Row>> const& shown, study::Cells const& cells,
              std::size_t first = 0) {
    for (std::size_t i = 0; i < shown.size(); ++i)
        std::visit([&](auto member) { take(row.*member, cells.at(first + i)); }, shown[i].member);
}

/// Appends a number as the elements of arrays have it.
template <class T>
void append(std::vector<std::uint8_t>& bytes, T value) {
    std::array<std::uint8_t, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

}  // namespace vaster::stream
