#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/rolling_values.hpp"

namespace vaster::stream {
namespace {

class Interpolate final : public ObservationTask {
  public:
    explicit Interpolate(TaskSetup const& setup)
        : ObservationTask(setup.fields),
          window_(size_of(setup, "window")),
          published_(is_published(setup.parameters)) {}

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        each_state(sensor_index, windows_, RollingValues{}, [&](auto const& one) { one.save(state); });
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields().size(); ++field)
            at_key(windows_, key_of(sensor_index, field)).load(state, window_);
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& tally) override {
        RollingValues& values = at_key(windows_, seen.key);
        Output& row = begin(output, seen);
        if (seen.value) {
            values.push(*seen.value, window_);
            row.cell(*seen.value);
        } else if (values.size() > 0) {
            row.cell(values.mean());
        } else {
            ++tally.unfilled;
            row.cell(std::string_view(published_ ? "0" : ""));
        }
        row.end();
        return Outcome::output;
    }

  private:
    std::size_t window_;
    bool published_;
    std::vector<RollingValues> windows_;
};

}  // namespace

TaskKind interpolate_task() {
    return {
        .code = "INP",
        .name = "interpolation",
        .doc = "observations of a sensor's field, a missing one as the mean of the last present ones",
        .sigma = "1:1",
        .parameters = {{.name = "window",
                        .standard = std::int64_t{5},
                        .doc = "present values that the mean is of",
                        .bounds = {.at_least = 1, .at_most = 10000}},
                       profile_parameter()},
        .keying = by_sensor,
        .columns = value_columns,
        .make = make_task<Interpolate>,
    };
}

}  // namespace vaster::stream
