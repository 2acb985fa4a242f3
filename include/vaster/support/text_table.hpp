#pragma once  // Stable.

#include <cstddef>
#include <string>
#include <vector>

namespace vaster {

/// A table of text for people: a title, a header, rows, notes below. Numbers are right-aligned.
struct TextTable {
    std::string title;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> notes;
};

/// The table with columns padded to the same width; ends in a newline.
[[nodiscard]] std::string to_text(TextTable const& table);

/// One CSV line without its line end: cells with comma, quote or line end are quoted (RFC 4180).
[[nodiscard]] std::string csv_line(std::vector<std::string> const& cells);

/// 17 significant digits, which read back as the same double; empty for NaN.
[[nodiscard]] std::string number_text(double value);

}  // namespace vaster
