#include "core/report/folder.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "core/report/files_of_report.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::report {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> own_entries{"index.html", "report.json", "tables", "figures"};

/// "DIR" for "DIR/" too.
fs::path plain(fs::path const& folder) {
    fs::path const path = absolute_path(target_to_write(folder)).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

bool is_earlier_report(fs::path const& folder) {
    std::ifstream in(folder / "report.json", std::ios::binary);
    std::string start(report_mark.size(), ' ');
    return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == report_mark;
}

void write(fs::path const& path, std::function<void(std::ostream&)> const& content) {
    std::ofstream out(path, std::ios::binary);
    content(out);
    out.close();
    require<IoError>(bool(out), "cannot write '{}'; is the disk full?", path.string());
}

void write(fs::path const& path, std::string_view text) {
    write(path, [text](std::ostream& out) { out << text; });
}

/// A folder on the disk where another one is or will be, gone when it goes.
class Neighbour {
  public:
    /// Makes it under a name that nobody can know, and have something else under, before.
    Neighbour(fs::path const& folder, std::string_view what) {
        std::string name = ((fs::exists(folder) ? folder : folder.parent_path()) /
                            fmt::format(".{}.{}-XXXXXX", folder.filename().string(), what))
                               .string();
        bool const made = ::mkdtemp(name.data()) != nullptr;
        require<IoError>(made, "cannot make a folder beside {}: {}", folder.string(), system_reason(errno));
        path_ = name;
        mode_t const mask = ::umask(0);
        ::umask(mask);
        ::chmod(name.c_str(), 0777 & ~mask);
    }

    Neighbour(Neighbour const&) = delete;
    Neighbour& operator=(Neighbour const&) = delete;

    ~Neighbour() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    [[nodiscard]] fs::path const& path() const { return path_; }

  private:
    fs::path path_;
};

void write_tables(Chapter const& chapter, std::string const& prefix, fs::path const& folder) {
    for (auto const& table : chapter.tables)
        write(folder / "tables" / (prefix + table.name + ".csv"),
              [&](std::ostream& out) { write_csv(out, table); });
    if (chapter.experiments) write(folder / "tables" / (prefix + "experiments.csv"), chapter.experiments);
    for (auto const& section : chapter.sections)
        for (auto const& figure : section.figures)
            write(folder / "figures" / (file_name(prefix + figure.name) + ".vl.json"),
                  standalone_spec(figure, prefix));
}

/// Puts the new report where the old one is. What is not the report's own is not touched.
void put_in_place(fs::path const& fresh, fs::path const& folder) {
    if (!fs::exists(folder)) {
        fs::rename(fresh, folder);
        return;
    }
    Neighbour const old(folder, "old");
    for (auto const& name : own_entries)
        if (fs::exists(folder / name)) fs::rename(folder / name, old.path() / name);
    for (auto const& name : own_entries) fs::rename(fresh / name, folder / name);
}

}  // namespace

void check_folder(fs::path const& folder, Overwrite overwrite) {
    fs::path const path = plain(folder);
    std::error_code ignored;
    require<IoError>(fs::is_directory(path.parent_path(), ignored),
                     "there is no folder '{}' in which the report could be made",
                     path.parent_path().string());
    if (!fs::exists(path, ignored)) return;
    require<UsageError>(fs::is_directory(path, ignored),
                        "'{}' is a file; --output names the folder of the report", folder.string());
    bool const free = fs::is_empty(path, ignored) || is_earlier_report(path);
    require<UsageError>(
        free || overwrite == Overwrite::allow,
        "'{}' has other things in it than an earlier report; give another folder with --output, or "
        "--overwrite: index.html, report.json, tables and figures in it are then replaced",
        folder.string());
}

std::vector<std::string> write_folder(std::vector<Chapter> const& chapters, fs::path const& folder,
                                      Pictures pictures) {
    fs::path const path = plain(folder);
    std::vector<std::string> notes;
    try {
        Neighbour const fresh(path, "new");
        fs::create_directories(fresh.path() / "tables");
        fs::create_directories(fresh.path() / "figures");
        auto const prefixes = prefixes_of(chapters);
        for (std::size_t i = 0; i < chapters.size(); ++i)
            write_tables(chapters[i], prefixes[i], fresh.path());
        Pictures const drawn = draw(fresh.path(), pictures, notes);
        write(fresh.path() / "report.json", report_json(chapters, notes, drawn));
        write(fresh.path() / "index.html", page_of(chapters, notes, drawn));
        put_in_place(fresh.path(), path);
    } catch (fs::filesystem_error const& error) {
        throw IoError(
            fmt::format("cannot make the report in '{}': {}", folder.string(), error.code().message()));
    }
    return notes;
}

}  // namespace vaster::report
