#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace vaster::testing {

/// Named lists of numbers, as the Python peers read and print them: a line "name value value ..." each.
using NumberLists = std::map<std::string, std::vector<double>>;

template <class Numbers>
std::string number_line(std::string_view name, Numbers const& numbers) {
    std::string line(name);
    for (auto const number : numbers) line += fmt::format(" {:.17g}", static_cast<double>(number));
    return line + "\n";
}

/// What `script` prints when Debian's Python runs it with the name of a file that holds `input`; nothing when
/// Python or the packages that the script needs are absent (the script then exits with 77).
inline std::optional<NumberLists> ask_python(std::filesystem::path const& script, std::string const& input) {
    auto const file = std::filesystem::temp_directory_path() / fmt::format("vaster-peer-{}.txt", ::getpid());
    std::ofstream(file) << input;
    auto const command = fmt::format("/usr/bin/python3 -B '{}' '{}'", script.string(), file.string());
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string output;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
        output.append(buffer, got);
    int const status = ::pclose(pipe.release());
    std::filesystem::remove(file);
    if (status == 77 << 8 || status == 127 << 8) return std::nullopt;
    if (status != 0) throw std::runtime_error(fmt::format("{} failed", command));
    NumberLists lists;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        for (std::string word; words >> word;) lists[name].push_back(std::stod(word));
    }
    return lists;
}

}  // namespace vaster::testing
