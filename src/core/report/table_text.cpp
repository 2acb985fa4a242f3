// Tables for machines as tables for people.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/report/sections.hpp"

namespace vaster::report {
namespace {

std::string text_of(study::Cell const& cell) {
    if (auto const* text = std::get_if<std::string>(&cell)) return *text;
    if (auto const* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
    double const number = std::get<double>(cell);
    return std::isnan(number) ? "-" : fmt::format("{:.4g}", number);
}

std::string formatted(study::Cell const& cell, std::string const& format) {
    if (auto const* number = std::get_if<double>(&cell))
        return std::isnan(*number) ? "-" : fmt::format(fmt::runtime(format), *number);
    if (auto const* integer = std::get_if<std::int64_t>(&cell))
        return fmt::format(fmt::runtime(format), *integer);
    return std::get<std::string>(cell);
}

/// Position of a text in a list, to the end of which it is added when it is new.
std::size_t place_in(std::vector<std::string>& list, std::string const& text) {
    auto const found = std::find(list.begin(), list.end(), text);
    if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
    list.push_back(text);
    return list.size() - 1;
}

}  // namespace

TextTable pivot(Table const& table, std::vector<Where> const& where, Pivot const& wanted) {
    std::size_t const row_at = position_of(table, wanted.row);
    std::size_t const column_at = position_of(table, wanted.column);
    std::size_t const value_at = position_of(table, wanted.value);
    std::vector<std::string> rows;
    std::vector<std::string> columns = wanted.columns;
    std::vector<std::vector<std::string>> cells;
    for (auto const& row : table.rows) {
        if (!matches(table, row, where)) continue;
        std::size_t const i = place_in(rows, text_of(row[row_at]));
        std::size_t const k = place_in(columns, text_of(row[column_at]));
        if (i == cells.size()) cells.emplace_back();
        if (cells[i].size() <= k) cells[i].resize(k + 1);
        cells[i][k] = formatted(row[value_at], wanted.format);
    }
    TextTable text{wanted.title, {wanted.row}, {}, {}};
    text.header.insert(text.header.end(), columns.begin(), columns.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        cells[i].resize(columns.size());
        text.rows.push_back({rows[i]});
        text.rows.back().insert(text.rows.back().end(), cells[i].begin(), cells[i].end());
    }
    return text;
}

TextTable text_table(Table const& table, std::string const& title) {
    TextTable text{title, table.columns, {}, {}};
    for (auto const& row : table.rows) {
        auto& line = text.rows.emplace_back();
        for (auto const& cell : row) line.push_back(text_of(cell));
    }
    return text;
}

}  // namespace vaster::report
