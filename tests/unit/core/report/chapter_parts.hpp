#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "core/report/chapter.hpp"
#include "core/report/figures.hpp"

// Parts of a chapter by their names, for tests.
namespace vaster::testing {

template <class Part>
Part const& part_named(std::vector<Part> const& parts, std::string const& name) {
    auto const found =
        std::find_if(parts.begin(), parts.end(), [&](Part const& one) { return one.name == name; });
    if (found == parts.end()) FAIL("there is no " << name);
    return *found;
}

inline report::Table const& table_of(report::Chapter const& chapter, std::string const& name) {
    return part_named(chapter.tables, name);
}

inline report::Section const& section_of(report::Chapter const& chapter, std::string const& name) {
    return part_named(chapter.sections, name);
}

/// The cells of a column.
inline study::Cells column(report::Table const& table, std::string const& name) {
    auto const place = report::position_of(table, name);
    study::Cells cells;
    cells.reserve(table.rows.size());
    for (auto const& row : table.rows) cells.push_back(row.at(place));
    return cells;
}

inline std::vector<std::string> texts(report::Table const& table, std::string const& name) {
    std::vector<std::string> texts;
    texts.reserve(table.rows.size());
    for (auto const& cell : column(table, name)) texts.push_back(std::get<std::string>(cell));
    return texts;
}

inline std::vector<double> numbers(report::Table const& table, std::string const& name) {
    std::vector<double> numbers;
    numbers.reserve(table.rows.size());
    for (auto const& cell : column(table, name))
        numbers.push_back(std::holds_alternative<double>(cell)
                              ? std::get<double>(cell)
                              : static_cast<double>(std::get<std::int64_t>(cell)));
    return numbers;
}

}  // namespace vaster::testing
