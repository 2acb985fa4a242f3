#pragma once

#include <string>
#include <vector>

namespace vaster::testing {

/// A string literal of a source text.
struct Literal {
    std::size_t line = 0;
    std::string text;  ///< as written, escapes untouched; adjacent literals are not joined
};

/// The string literals of C++ text, raw ones too; what comments and #include lines say is left out.
[[nodiscard]] inline std::vector<Literal> literals_of(std::string const& text) {
    std::vector<Literal> found;
    std::size_t line = 1;
    auto const skip_to = [&](std::size_t i, std::string const& end) {
        auto const at = text.find(end, i);
        auto const stop = at == std::string::npos ? text.size() : at + end.size();
        for (; i < stop; ++i) line += text[i] == '\n' ? 1 : 0;
        return stop;
    };
    for (std::size_t i = 0; i < text.size();) {
        bool const at_line_begin = i == 0 || text[i - 1] == '\n';
        if (text.compare(i, 2, "//") == 0 || (at_line_begin && text.compare(i, 8, "#include") == 0)) {
            i = skip_to(i, "\n");
        } else if (text.compare(i, 2, "/*") == 0) {
            i = skip_to(i, "*/");
        } else if (text.compare(i, 2, "R\"") == 0) {
            auto const open = text.find('(', i);
            std::string const end = ")" + text.substr(i + 2, open - i - 2) + "\"";
            auto const first = line;
            auto const after = skip_to(i, end);
            found.push_back({first, text.substr(open + 1, after - open - 1 - end.size())});
            i = after;
        } else if (text[i] == '\'') {  // a character, or the separator of a number
            bool const is_separator = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
            i = is_separator ? i + 1 : i + (text[i + 1] == '\\' ? 4 : 3);
        } else if (text[i] == '"') {
            std::size_t end = i + 1;
            while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            found.push_back({line, text.substr(i + 1, end - i - 1)});
            i = end + 1;
        } else {
            line += text[i] == '\n' ? 1 : 0;
            ++i;
        }
    }
    return found;
}

}  // namespace vaster::testing
