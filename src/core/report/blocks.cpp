#include "core/report/blocks.hpp"

#include <algorithm>

namespace vaster::report {
namespace {

constexpr std::size_t width = 100;

bool begins_relation(std::string const& text, std::size_t at) {
    return text.compare(at, 2, "= ") == 0 || text.compare(at, 2, "< ") == 0;
}

/// Where the word that begins here ends; "p = 0.03" is one word.
std::size_t end_of_word(std::string const& text, std::size_t begin) {
    std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end < text.size() && begins_relation(text, end + 1))
        end = std::min(text.find(' ', end + 3), text.size());
    return end;
}

/// Breaks a sentence into lines; those after the first are set in.
void add_wrapped(std::vector<std::string>& lines, std::string const& text) {
    std::string line = "  -";
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const end = end_of_word(text, begin);
        if (line.size() > 3 && line.size() + 1 + (end - begin) > width) {
            lines.push_back(std::move(line));
            line = "   ";
        }
        line += " " + text.substr(begin, end - begin);
        begin = end + 1;
    }
    lines.push_back(std::move(line));
}

}  // namespace

std::vector<TextTable> text_of(std::vector<Block> const& blocks, std::string const& heading) {
    std::vector<TextTable> tables;
    for (auto const& block : blocks) {
        TextTable table;
        table.title = (tables.empty() ? heading + "\n" : "") + block.title;
        for (auto const& line : block.lines) add_wrapped(table.notes, line);
        tables.push_back(std::move(table));
    }
    return tables;
}

}  // namespace vaster::report
