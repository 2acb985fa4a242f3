#include "vaster/support/text_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace vaster {
namespace {

/// Width on a terminal: code points, good enough for the names that occur.
std::size_t width_of(std::string const& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_numeric(std::string const& text) {
    return text.empty() || text == "-" || text.find_first_of("0123456789") == 0 ||
           ((text[0] == '-' || text[0] == '+' || text[0] == '.' || text[0] == '[') && text.size() > 1);
}

std::string line_of(std::vector<std::string> const& cells, std::vector<std::size_t> const& widths,
                    std::vector<bool> const& right) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        std::string const padding(widths[i] - width_of(cells[i]), ' ');
        if (i > 0) line += "  ";
        line += right[i] ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

std::string to_text(TextTable const& table) {
    std::size_t n_columns = table.header.size();
    for (auto const& row : table.rows) n_columns = std::max(n_columns, row.size());
    std::vector<std::size_t> widths(n_columns, 0);
    std::vector<bool> right(n_columns, !table.rows.empty());
    auto const measure = [&](std::vector<std::string> const& row) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    };
    measure(table.header);
    for (auto const& row : table.rows) {
        measure(row);
        for (std::size_t i = 0; i < row.size(); ++i) right[i] = right[i] && is_numeric(row[i]);
    }
    std::string text = table.title.empty() ? "" : table.title + "\n";
    if (!table.header.empty()) text += line_of(table.header, widths, right);
    for (auto const& row : table.rows) text += line_of(row, widths, right);
    for (auto const& note : table.notes) text += note + "\n";
    return text;
}

std::string csv_line(std::vector<std::string> const& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line += ',';
        if (cells[i].find_first_of(",\"\n\r") == std::string::npos) {
            line += cells[i];
            continue;
        }
        line += '"';
        for (char const c : cells[i]) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line;
}

std::string number_text(double value) {
    return std::isnan(value) ? std::string() : fmt::format("{:.17g}", value);
}

}  // namespace vaster
