#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/kalman_filter.hpp"

namespace vaster::stream {
namespace {

class Kalman final : public ObservationTask {
  public:
    explicit Kalman(TaskSetup const& setup)
        : ObservationTask(setup.fields),
          process_noise_(setup.parameters.get<double>("process_noise")),
          sensor_noise_(setup.parameters.get<double>("sensor_noise")),
          fresh_{0, setup.parameters.get<double>("estimated_error"), false} {}

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        each_state(sensor_index, filters_, fresh_, [&](auto const& one) { one.save(state); });
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields().size(); ++field)
            at_key(filters_, key_of(sensor_index, field), fresh_).load(state);
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        KalmanFilter& filter = at_key(filters_, seen.key, fresh_);
        filter.take(seen.value, process_noise_, sensor_noise_);
        if (!filter.begun) return Outcome::missing;
        begin(output, seen).cell(filter.value).end();
        return Outcome::output;
    }

  private:
    double process_noise_;
    double sensor_noise_;
    KalmanFilter fresh_;
    std::vector<KalmanFilter> filters_;
};

}  // namespace

TaskKind kalman_task() {
    return {
        .code = "KAL",
        .name = "kalman_filter",
        .doc = "each observation of a sensor's field, smoothed",
        .sigma = "1:1",
        .parameters = {{.name = "process_noise",
                        .standard = 0.125,
                        .doc = "q, variance that a step adds",
                        .bounds = {.at_least = 0}},
                       {.name = "sensor_noise",
                        .standard = 0.32,
                        .doc = "r, variance of an observation",
                        .bounds = {.above = 0}},
                       {.name = "estimated_error",
                        .standard = 30.0,
                        .doc = "p before the first observation, variance",
                        .bounds = {.at_least = 0}}},
        .keying = by_sensor,
        .columns = value_columns,
        .make = make_task<Kalman>,
    };
}

}  // namespace vaster::stream
