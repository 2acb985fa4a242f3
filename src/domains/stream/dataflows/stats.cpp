#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/dataflows/stats_plots.hpp"
#include "domains/stream/tasks/block_mean.hpp"
#include "domains/stream/tasks/kalman_filter.hpp"
#include "domains/stream/tasks/rolling_values.hpp"
#include "domains/stream/tasks/sliding_line.hpp"

namespace vaster::stream {
namespace {

class Stats final : public Dataflow {
  public:
    explicit Stats(TaskSetup const& setup)
        : fields_(setup.fields),
          block_(size_of(setup, "window")),
          process_noise_(setup.parameters.get<double>("process_noise")),
          sensor_noise_(setup.parameters.get<double>("sensor_noise")),
          line_(size_of(setup, "train"), size_of(setup, "predict")),
          plots_(setup) {
        fresh_.filter.error = setup.parameters.get<double>("estimated_error");
    }

    void take(Record const& record, Yield& yield) override {
        ++parsed_.in;
        for (std::size_t field = 0; field < fields_.size(); ++field) {
            FieldValue const& said = record.fields[field];
            if (said.presence == Presence::absent) {
                ++yield.tally.absent;
                continue;
            }
            ++parsed_.out;
            std::optional<double> value;
            if (said.presence == Presence::present) {
                value = number_of(said.text);
                if (!value) {
                    ++parsed_.error;
                    yield.count_bad(record);
                    continue;
                }
            }
            Key& key = at_key(keys_, record.sensor_index * fields_.size() + field, fresh_);
            bool const averaged = average(record, field, key, value, yield.output);
            bool const predicted = smooth(record, field, key, value, yield.output);
            yield.count(averaged || predicted ? Outcome::output : value ? Outcome::none : Outcome::missing);
        }
    }

    void finish(Yield& yield) override {
        for (auto const& key : keys_) yield.tally.pending += key.block.n();
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        for (std::size_t field = 0; field < fields_.size(); ++field) {
            std::size_t const at = sensor_index * fields_.size() + field;
            Key const& key = at < keys_.size() ? keys_[at] : fresh_;
            key.block.save(state);
            key.filter.save(state);
            key.smoothed.save(state);
        }
        plots_.save(sensor_index, state);
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields_.size(); ++field) {
            Key& key = at_key(keys_, sensor_index * fields_.size() + field, fresh_);
            key.block.load(state);
            key.filter.load(state);
            key.smoothed.load(state, line_.train());
        }
        plots_.load(sensor_index, state);
    }

    [[nodiscard]] std::vector<Edge> edges() const override {
        std::vector<Edge> edges{parsed_, averaged_, smoothed_, predicted_};
        auto const of_plots = plots_.edges();
        edges.insert(edges.end(), of_plots.begin(), of_plots.end());
        return edges;
    }

  private:
    /// State of a field of a sensor.
    struct Key {
        BlockMean block;  ///< that is not full yet
        KalmanFilter filter;
        RollingValues smoothed = {};  ///< last values of the filter
    };

    Output& begin(Record const& record, std::size_t field, std::string_view kind, Output& output) const {
        return output.begin(record.number)
            .cell(kind)
            .cell(record.sensor)
            .cell(std::string_view(fields_[field]));
    }

    /// AVG. @returns whether it gave something
    bool average(Record const& record, std::size_t field, Key& key, std::optional<double> const& value,
                 Output& output) {
        ++averaged_.in;
        if (value) key.block.add(*value);
        if (!value || key.block.n() < block_) {
            ++averaged_.none;
            return false;
        }
        double const mean = key.block.mean();
        begin(record, field, "AVG", output).cell(mean).end();
        plots_.take(record, field, StatsPlots::Kind::average, mean);
        key.block = BlockMean{};
        ++averaged_.out;
        return true;
    }

    /// KAL -> SLR. @returns whether it gave something
    bool smooth(Record const& record, std::size_t field, Key& key, std::optional<double> const& value,
                Output& output) {
        ++smoothed_.in;
        key.filter.take(value, process_noise_, sensor_noise_);
        if (!key.filter.begun) {
            ++smoothed_.none;
            return false;
        }
        ++smoothed_.out;
        ++predicted_.in;
        if (!line_.take(key.smoothed, key.filter.value)) {
            ++predicted_.none;
            return false;
        }
        values_.clear();
        line_.predict(key.smoothed, [&](double next) { values_.push_back(next); });
        begin(record, field, "SLR", output).cell(values_, '#').end();
        ++predicted_.out;
        if (std::isfinite(values_.front()))
            plots_.take(record, field, StatsPlots::Kind::prediction, values_.front());
        return true;
    }

    std::vector<std::string> fields_;
    std::uint64_t block_;
    double process_noise_;
    double sensor_noise_;
    SlidingLine line_;
    StatsPlots plots_;
    Key fresh_;
    std::vector<Key> keys_;       ///< by sensor and field
    std::vector<double> values_;  ///< predicted; of this record
    Edge parsed_{"source", "SML"};
    Edge averaged_{"SML", "AVG"};
    Edge smoothed_{"SML", "KAL"};
    Edge predicted_{"KAL", "SLR"};
};

/// The keys of tasks that are part of the graph.
std::vector<Parameter> parameters() {
    std::vector<Parameter> all{{.name = "window",
                                .standard = std::int64_t{10},
                                .doc = "AVG: observations in a block",
                                .bounds = {.at_least = 1, .at_most = 1000000}},
                               {.name = "process_noise",
                                .standard = 0.125,
                                .doc = "KAL: variance that a step adds",
                                .bounds = {.at_least = 0}},
                               {.name = "sensor_noise",
                                .standard = 0.32,
                                .doc = "KAL: variance of an observation",
                                .bounds = {.above = 0}},
                               {.name = "estimated_error",
                                .standard = 30.0,
                                .doc = "KAL: variance before the first observation",
                                .bounds = {.at_least = 0}},
                               {.name = "train",
                                .standard = std::int64_t{10},
                                .doc = "SLR: smoothed values that the line goes through",
                                .bounds = {.at_least = 2, .at_most = 10000}},
                               {.name = "predict",
                                .standard = std::int64_t{10},
                                .doc = "SLR: values after them that are predicted",
                                .bounds = {.at_least = 1, .at_most = 10000}}};
    for (auto& one : StatsPlots::parameters()) all.push_back(std::move(one));
    return all;
}

}  // namespace

TaskKind stats_dataflow() {
    return {
        .code = "STATS",
        .name = "statistical_summaries",
        .doc =
            "block averages, and the next values by a line through smoothed ones, of each field of a sensor",
        .sigma = "N:M",
        .parameters = parameters(),
        .keying = by_sensor,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "kind", "sensor", "field", "values"}, 1};
            },
        .make = make_task<Stats>,
    };
}

}  // namespace vaster::stream
