#include <fmt/core.h>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/rolling_values.hpp"
#include "domains/stream/tasks/sliding_line.hpp"

namespace vaster::stream {
namespace {

class SlidingRegression final : public ObservationTask {
  public:
    explicit SlidingRegression(TaskSetup const& setup)
        : ObservationTask(setup.fields), line_(size_of(setup, "train"), size_of(setup, "predict")) {}

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        each_state(sensor_index, windows_, RollingValues{}, [&](auto const& one) { one.save(state); });
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields().size(); ++field)
            at_key(windows_, key_of(sensor_index, field)).load(state, line_.train());
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        if (!seen.value) return Outcome::missing;
        RollingValues& window = at_key(windows_, seen.key);
        if (!line_.take(window, *seen.value)) return Outcome::none;
        begin(output, seen);
        line_.predict(window, [&](double value) { output.cell(value); });
        output.end();
        return Outcome::output;
    }

  private:
    SlidingLine line_;
    std::vector<RollingValues> windows_;
};

Columns columns(TaskSetup const& setup) {
    Columns columns{{"record", "sensor", "field"}, 3};
    for (std::size_t i = 1; i <= size_of(setup, "predict"); ++i)
        columns.names.push_back(fmt::format("p{}", i));
    return columns;
}

}  // namespace

TaskKind sliding_regression_task() {
    return {
        .code = "SLR",
        .name = "simple_linear_regression",
        .doc = "the next values by the line through the last ones of a sensor's field",
        .sigma = "N:M",
        .parameters = {{.name = "train",
                        .standard = std::int64_t{10},
                        .doc = "values that the line goes through",
                        .bounds = {.at_least = 2, .at_most = 10000}},
                       {.name = "predict",
                        .standard = std::int64_t{10},
                        .doc = "values after them that are predicted",
                        .bounds = {.at_least = 1, .at_most = 10000}}},
        .keying = by_sensor,
        .columns = columns,
        .make = make_task<SlidingRegression>,
    };
}

}  // namespace vaster::stream
