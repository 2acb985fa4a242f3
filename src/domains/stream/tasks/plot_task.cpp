// PLT: windows of records as pictures.
#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/line_plot.hpp"

namespace vaster::stream {
namespace {

class Plot final : public Task {
  public:
    explicit Plot(TaskSetup const& setup)
        : folder_(setup.folder), fields_(setup.fields), window_(size_of(setup, "window")) {}

    void take(Record const& record, Yield& yield) override {
        if (!read(record, yield)) return;
        Window& window = at_key(windows_, record.sensor_index);
        window.times.push_back(record.time);
        window.values.insert(window.values.end(), row_.begin(), row_.end());
        if (window.times.size() < window_) {
            yield.count(Outcome::none);
            return;
        }
        draw(window, record, yield.output);
        window = Window{};
        yield.count(Outcome::output);
    }

    void finish(Yield& yield) override {
        for (auto const& window : windows_) yield.tally.pending += window.times.size();
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        Window const window = sensor_index < windows_.size() ? windows_[sensor_index] : Window{};
        state.put(static_cast<std::uint64_t>(window.times.size()));
        for (auto const time : window.times) state.put(time);
        for (auto const& value : window.values) {
            state.put(static_cast<std::uint8_t>(value.has_value()));
            state.put(value.value_or(0));
        }
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        Window& window = at_key(windows_, sensor_index);
        auto const n = state.get<std::uint64_t>();
        require<DataError>(n < window_, "a kept state has {} records, but the window has {}", n, window_);
        for (std::uint64_t i = 0; i < n; ++i) window.times.push_back(state.get<std::int64_t>());
        for (std::uint64_t i = 0; i < n * fields_.size(); ++i) {
            bool const present = state.get<std::uint8_t>() != 0;
            auto const value = state.get<double>();
            window.values.push_back(present ? std::optional(value) : std::nullopt);
        }
    }

  private:
    struct Window {
        std::vector<std::int64_t> times;
        std::vector<std::optional<double>> values;  ///< of all fields at each time
    };

    /// The fields' numbers; nothing for those that are not there. @returns whether none is spoilt
    bool read(Record const& record, Yield& yield) {
        row_.assign(fields_.size(), std::nullopt);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            auto const& said = record.fields[i];
            if (said.presence == Presence::absent) ++yield.tally.absent;
            if (said.presence != Presence::present) continue;
            row_[i] = number_of(said.text);
            if (row_[i]) continue;
            yield.count_bad(record);
            return false;
        }
        return true;
    }

    void draw(Window const& window, Record const& record, Output& output) const {
        std::vector<PlotSeries> series;
        series.reserve(fields_.size());
        for (std::size_t field = 0; field < fields_.size(); ++field) {
            auto& one = series.emplace_back(PlotSeries{fields_[field], {}});
            for (std::size_t i = 0; i < window.times.size(); ++i)
                if (auto const& value = window.values[i * fields_.size() + field])
                    one.points.push_back({window.times[i], *value});
        }
        auto const svg = line_plot(record.sensor, series);
        auto const name = fmt::format("plot-{:06}.svg", record.number);
        std::filesystem::create_directories(folder_);
        replace_file(folder_ / name, svg);
        output.begin(record.number)
            .cell(record.sensor)
            .cell(std::string_view(name))
            .cell(static_cast<std::uint64_t>(svg.size()))
            .cell(std::string_view(hash_text(svg)))
            .end();
    }

    std::filesystem::path folder_;
    std::vector<std::string> fields_;
    std::size_t window_;
    std::vector<std::optional<double>> row_;
    std::vector<Window> windows_;
};

}  // namespace

TaskKind plot_task() {
    return {
        .code = "PLT",
        .name = "multi_line_plot",
        .doc = "each full window of a sensor's records as a picture with a line for each field",
        .sigma = "N:1",
        .parameters = {{.name = "window",
                        .standard = std::int64_t{100},
                        .doc = "records in a picture",
                        .bounds = {.at_least = 1, .at_most = 1000000}}},
        .keying = by_sensor,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "file", "bytes", "content"}, 2};
            },
        .make = make_task<Plot>,
    };
}

}  // namespace vaster::stream
