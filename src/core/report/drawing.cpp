// Static pictures, drawn by Node with the same library as in the page; PNG by rsvg-convert.
#include <algorithm>
#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "core/report/files_of_report.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::report {
namespace {

namespace fs = std::filesystem;

enum class Ended { well, badly, not_there };

bool is_program(std::string const& name) {
    char const* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        std::size_t const colon = std::min(rest.find(':'), rest.size());
        std::string const candidate = std::string(rest.substr(0, colon)) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return true;
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return false;
}

/// Runs a program to its end; what it prints goes into a file.
Ended run(std::vector<std::string> words, fs::path const& output) {
    if (!is_program(words.front())) return Ended::not_there;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t child = 0;
    int const failed =
        ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (failed != 0 || ::waitpid(child, &status, 0) != child) return Ended::badly;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Ended::well : Ended::badly;
}

std::string first_line(fs::path const& path) {
    std::string const text = read_file(path);
    return text.substr(0, text.find('\n'));
}

/// A folder for the library and the script, gone when it goes.
class Workshop {
  public:
    explicit Workshop(fs::path path) : path_(std::move(path)) {
        fs::create_directory(path_);
        replace_file(path_ / "vega.js", vega_js());
        replace_file(path_ / "vega-lite.js", vega_lite_js());
        replace_file(path_ / "draw.cjs", draw_js());
    }

    Workshop(Workshop const&) = delete;
    Workshop& operator=(Workshop const&) = delete;

    ~Workshop() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    fs::path operator/(std::string_view name) const { return path_ / name; }

  private:
    fs::path path_;
};

bool draw_svg(Workshop const& workshop, fs::path const& figures, std::vector<std::string>& notes) {
    fs::path const said = workshop / "said";
    switch (run({"node", (workshop / "draw.cjs").string(), figures.string()}, said)) {
        case Ended::well:
            return true;
        case Ended::not_there:
            notes.emplace_back(
                "Folder figures has no SVG and PNG files: they need the program node (Debian package "
                "nodejs).");
            return false;
        case Ended::badly:
            notes.push_back(fmt::format(
                "Folder figures has no SVG and PNG files: node could not draw them ({}).", first_line(said)));
            return false;
    }
    return false;
}

bool draw_png(Workshop const& workshop, fs::path const& figures, std::vector<std::string>& notes) {
    std::vector<fs::path> pictures;
    for (auto const& entry : fs::directory_iterator(figures))
        if (entry.path().extension() == ".svg") pictures.push_back(entry.path());
    std::sort(pictures.begin(), pictures.end());
    for (auto const& svg : pictures) {
        fs::path png = svg;
        png.replace_extension(".png");
        fs::path const said = workshop / "said";
        switch (run({"rsvg-convert", "--zoom", "2", "--output", png.string(), svg.string()}, said)) {
            case Ended::well:
                continue;
            case Ended::not_there:
                notes.emplace_back(
                    "Folder figures has no PNG files: they need the program rsvg-convert (Debian package "
                    "librsvg2-bin).");
                return false;
            case Ended::badly:
                notes.push_back(
                    fmt::format("The folder figures lacks PNG files: rsvg-convert could not make {} ({}).",
                                png.filename().string(), first_line(said)));
                return false;
        }
    }
    return true;
}

}  // namespace

Pictures draw(fs::path const& folder, Pictures wanted, std::vector<std::string>& notes) {
    if (wanted == Pictures::none) return Pictures::none;
    Workshop const workshop(folder / ".workshop");
    fs::path const figures = folder / "figures";
    if (!draw_svg(workshop, figures, notes)) return Pictures::none;
    if (wanted == Pictures::svg) return Pictures::svg;
    return draw_png(workshop, figures, notes) ? Pictures::svg_and_png : Pictures::svg;
}

}  // namespace vaster::report
