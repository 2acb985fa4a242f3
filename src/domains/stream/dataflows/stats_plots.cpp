#include "domains/stream/dataflows/stats_plots.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/tasks/line_plot.hpp"

namespace vaster::stream {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// A text as part of a file's name: other bytes than letters, digits, - and _ as %XX; a hash of one that is
/// too long for a name.
std::string in_file_name(std::string_view text) {
    constexpr std::size_t longest = 150;
    std::string name;
    for (char const c : text) {
        if (is_plain(c))
            name += c;
        else
            name += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return name.size() <= longest ? name : hash_text(text);
}

void write(std::filesystem::path const& folder, std::string const& name, std::string const& bytes) {
    std::filesystem::create_directories(folder);
    replace_file(folder / name, bytes);
}

}  // namespace

StatsPlots::StatsPlots(TaskSetup const& setup)
    : on_(setup.parameters.get<bool>("plots")),
      window_(size_of(setup, "plot_window")),
      n_files_(size_of(setup, "plot_files")),
      fields_(setup.fields),
      folder_(setup.folder),
      remote_folder_(setup.remote_folder) {}

void StatsPlots::take(Record const& record, std::size_t field, Kind kind, double value) {
    if (!on_) return;
    Edge& edge = kind == Kind::average ? averages_ : predictions_;
    ++edge.in;
    Window& window = at_key(windows_, record.sensor_index * fields_.size() + field);
    window.push_back({record.time, record.number, kind, value});
    if (window.size() < window_) {
        ++edge.none;
        return;
    }
    ++edge.out;
    draw(record, field, window);
    window.clear();
}

void StatsPlots::draw(Record const& record, std::size_t field, Window& window) {
    ++drawn_.in;
    std::sort(window.begin(), window.end(), [](Point const& a, Point const& b) {
        return std::tie(a.time, a.record, a.kind) < std::tie(b.time, b.record, b.kind);
    });
    std::array<PlotSeries, 2> series{PlotSeries{"AVG", {}}, PlotSeries{"SLR", {}}};
    for (auto const& point : window)
        series.at(static_cast<std::size_t>(point.kind)).points.push_back({point.time, point.value});
    auto svg = line_plot(fmt::format("{} {}", record.sensor, fields_[field]), series);
    ++drawn_.out;
    auto const number = at_key(archives_, record.sensor_index).n_drawn++;
    pack(record, {fmt::format("{}-{:06}.svg", in_file_name(fields_[field]), number), std::move(svg)});
}

void StatsPlots::pack(Record const& record, ZipEntry picture) {
    ++packed_.in;
    Archive& archive = at_key(archives_, record.sensor_index);
    archive.entries.push_back(std::move(picture));
    if (archive.entries.size() < n_files_) {
        ++packed_.none;
        return;
    }
    auto const name =
        fmt::format("{}-{:06}.zip", in_file_name(record.sensor), archive.n_drawn - archive.entries.size());
    auto const bytes = zip_archive(archive.entries);
    archive.entries.clear();
    write(folder_, name, bytes);
    ++packed_.out;
    upload(name, bytes);
}

void StatsPlots::upload(std::string const& name, std::string const& bytes) {
    ++uploaded_.in;
    write(remote_folder_, name, bytes);
    ++uploaded_.out;
}

void StatsPlots::save(std::uint32_t sensor_index, StateWriter& state) const {
    if (!on_) return;
    for (std::size_t field = 0; field < fields_.size(); ++field) {
        std::size_t const at = sensor_index * fields_.size() + field;
        Window const window = at < windows_.size() ? windows_[at] : Window();
        state.put(static_cast<std::uint64_t>(window.size()));
        for (auto const& point : window) {
            state.put(point.time);
            state.put(point.record);
            state.put(static_cast<std::uint8_t>(point.kind));
            state.put(point.value);
        }
    }
    Archive const archive = sensor_index < archives_.size() ? archives_[sensor_index] : Archive();
    state.put(archive.n_drawn);
    state.put(static_cast<std::uint64_t>(archive.entries.size()));
    for (auto const& entry : archive.entries) {
        state.put(std::string_view(entry.name));
        state.put(std::string_view(entry.bytes));
    }
}

void StatsPlots::load(std::uint32_t sensor_index, StateReader& state) {
    if (!on_) return;
    for (std::size_t field = 0; field < fields_.size(); ++field) {
        Window& window = at_key(windows_, sensor_index * fields_.size() + field);
        auto const n = state.get<std::uint64_t>();
        require<DataError>(n < window_, "a kept state has {} results for a picture of {}", n, window_);
        window.reserve(n);
        for (std::uint64_t i = 0; i < n; ++i) {
            Point point;
            point.time = state.get<std::int64_t>();
            point.record = state.get<std::uint64_t>();
            point.kind = state.get<std::uint8_t>() == 0 ? Kind::average : Kind::prediction;
            point.value = state.get<double>();
            window.push_back(point);
        }
    }
    Archive& archive = at_key(archives_, sensor_index);
    archive.n_drawn = state.get<std::uint64_t>();
    auto const n = state.get<std::uint64_t>();
    require<DataError>(n < n_files_, "a kept state has {} pictures for an archive of {}", n, n_files_);
    archive.entries.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) {
        std::string name(state.get_text());
        archive.entries.push_back({std::move(name), std::string(state.get_text())});
    }
}

std::vector<Edge> StatsPlots::edges() const {
    if (!on_) return {};
    return {averages_, predictions_, drawn_, packed_, uploaded_};
}

std::vector<Parameter> StatsPlots::parameters() {
    return {{.name = "plots",
             .standard = false,
             .doc = "ACC, PLT, LZP, ABU: draw what AVG and SLR give for each field of a sensor, and put the "
                    "pictures into ZIP archives, in io.directory and again in io.remote_directory"},
            {.name = "plot_window",
             .standard = std::int64_t{10},
             .doc = "ACC: results in a picture",
             .bounds = {.at_least = 1, .at_most = 1000000}},
            {.name = "plot_files",
             .standard = std::int64_t{10},
             .doc = "LZP: pictures of a sensor in an archive",
             .bounds = {.at_least = 1, .at_most = 100000}}};
}

}  // namespace vaster::stream
