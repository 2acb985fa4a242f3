#include <algorithm>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/sensor_names.hpp"

namespace vaster::stream {
namespace {

constexpr std::size_t most_reserved = 1024;

Keying keying(Parameters const& parameters) {
    return parameters.get<std::string>("by") == "stream" ? Keying::stream : Keying::sensor;
}

class Accumulate final : public ObservationTask {
  public:
    explicit Accumulate(TaskSetup const& setup)
        : ObservationTask(setup.fields),
          window_(size_of(setup, "window")),
          whole_(keying(setup.parameters) == Keying::stream) {}

    void finish(Yield& yield) override {
        for (auto const& window : windows_) yield.tally.pending += window.size();
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        static Window const none;
        for (std::size_t i = 0; i < n_windows(); ++i) {
            std::size_t const at = first_window(sensor_index) + i;
            Window const& window = at < windows_.size() ? windows_[at] : none;
            state.put(static_cast<std::uint64_t>(window.size()));
            for (auto const& held : window) put(held, state);
        }
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t i = 0; i < n_windows(); ++i) {
            Window& window = at_key(windows_, first_window(sensor_index) + i);
            auto const n = state.get<std::uint64_t>();
            require<DataError>(n < window_, "a kept state has {} observations, but the window has {}", n,
                               window_);
            window.reserve(n);
            for (std::uint64_t k = 0; k < n; ++k) window.push_back(get(state));
        }
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        if (!seen.value) return Outcome::missing;
        Record const& record = seen.record;
        Window& window = at_key(windows_, whole_ ? 0 : seen.key);
        if (window.capacity() == 0) window.reserve(std::min(window_, most_reserved));
        window.push_back(
            {record.time, record.number, whole_ ? names_.slot_of(record) : 0, seen.field, *seen.value});
        if (window.size() < window_) return Outcome::none;
        order(window);
        for (auto const& held : window)
            output.begin(record.number)
                .cell(whole_ ? names_[held.sensor] : record.sensor)
                .cell(std::string_view(fields()[held.field]))
                .cell(held.time)
                .cell(held.value)
                .end();
        window.clear();
        return Outcome::output;
    }

  private:
    struct Held {
        std::int64_t time = 0;
        std::uint64_t record = 0;
        std::size_t sensor =
            0;  ///< among names_; by = key: not used, since all are of the sensor that fills the window
        std::size_t field = 0;
        double value = 0;
    };

    using Window = std::vector<Held>;

    [[nodiscard]] std::size_t n_windows() const { return whole_ ? 1 : fields().size(); }

    [[nodiscard]] std::size_t first_window(std::uint32_t sensor_index) const {
        return whole_ ? 0 : key_of(sensor_index, 0);
    }

    /// By time and record; the fields of one record by their names.
    void order(Window& window) const {
        std::sort(window.begin(), window.end(), [&](Held const& a, Held const& b) {
            if (a.time != b.time) return a.time < b.time;
            if (a.record != b.record) return a.record < b.record;
            return fields()[a.field] < fields()[b.field];
        });
    }

    void put(Held const& held, StateWriter& state) const {
        state.put(held.time);
        state.put(held.record);
        if (whole_) state.put(names_[held.sensor]);
        state.put(static_cast<std::uint64_t>(held.field));
        state.put(held.value);
    }

    Held get(StateReader& state) {
        Held held;
        held.time = state.get<std::int64_t>();
        held.record = state.get<std::uint64_t>();
        if (whole_) held.sensor = names_.add(state.get_text());
        held.field = state.get<std::uint64_t>();
        held.value = state.get<double>();
        require<DataError>(held.field < fields().size(), "a kept state is of field {}, but the task has {}",
                           held.field + 1, fields().size());
        return held;
    }

    std::size_t window_;
    bool whole_;
    SensorNames names_;
    std::vector<Window> windows_;
};

}  // namespace

TaskKind accumulate_task() {
    return {
        .code = "ACC",
        .name = "accumulator",
        .doc = "each full window of observations, in the order of their times",
        .sigma = "N:1",
        .parameters = {{.name = "window",
                        .standard = std::int64_t{10},
                        .doc = "observations in a window",
                        .bounds = {.at_least = 1, .at_most = 1000000}},
                       {.name = "by",
                        .standard = std::string("key"),
                        .doc = "a window for each field of a sensor, or one for the whole stream",
                        .choices = {"key", "stream"}}},
        .keying = keying,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "field", "timestamp", "value"}, 3};
            },
        .make = make_task<Accumulate>,
    };
}

}  // namespace vaster::stream
