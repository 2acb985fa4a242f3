#include <fmt/core.h>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/rolling_values.hpp"

namespace vaster::stream {
namespace {

class SlidingRegression final : public ObservationTask {
  public:
    explicit SlidingRegression(TaskSetup const& setup)
        : ObservationTask(setup.fields),
          train_(size_of(setup, "train")),
          predict_(size_of(setup, "predict")) {
        auto const n = static_cast<double>(train_);
        half_ = (n - 1) / 2;
        spread_ = n * (n * n - 1) / 12;
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        for (std::size_t field = 0; field < fields().size(); ++field) {
            std::size_t const key = key_of(sensor_index, field);
            (key < windows_.size() ? windows_[key] : RollingValues{}).save(state);
        }
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields().size(); ++field)
            at_key(windows_, key_of(sensor_index, field)).load(state, train_);
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        if (!seen.value) return Outcome::missing;
        RollingValues& window = at_key(windows_, seen.key);
        bool const was_full = window.size() == train_;
        window.push(*seen.value, train_);
        if (!was_full) return Outcome::none;
        predict(window, begin(output, seen));
        output.end();
        return Outcome::output;
    }

  private:
    /// The line depends on where values are in the window only, not on how many came before: places are
    /// counted from its middle, which keeps all digits however long the stream is.
    void predict(RollingValues const& window, Output& row) const {
        double const mean = window.mean();
        double moment = 0;
        for (std::size_t i = 0; i < train_; ++i)
            moment += (static_cast<double>(i) - half_) * (window[i] - mean);
        double const slope = moment / spread_;
        for (std::size_t i = 1; i <= predict_; ++i) row.cell(mean + slope * (half_ + static_cast<double>(i)));
    }

    std::size_t train_;
    std::size_t predict_;
    double half_ = 0;    ///< from the window's middle to its last value
    double spread_ = 0;  ///< sum of squares of the places about their middle
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
