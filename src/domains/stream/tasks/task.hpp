#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/record.hpp"
#include "domains/stream/tasks/state.hpp"
#include "domains/stream/tasks/yield.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::stream {

/// What a task keeps a state for. It decides how a stream may be divided.
enum class Keying : std::uint8_t {
    record,  ///< nothing: any records may be taken by anybody
    sensor,  ///< each sensor, or each field of it
    stream,  ///< the whole stream: one partition takes it all
};

/// A task of the benchmark: takes the records of one partition in their order. It knows no files but those of
/// its setup, no clocks and no ranks; what it yields depends on its setup and on the records alone.
class Task {
  public:
    Task() = default;
    virtual ~Task() = default;
    Task(Task const&) = delete;
    Task& operator=(Task const&) = delete;

    virtual void take(Record const& record, Yield& yield) = 0;

    /// The stream is over: counts what is pending, and yields it where the task was told to.
    virtual void finish(Yield& yield) { (void)yield; }

    /// The state of a sensor (Keying::stream: of the stream, with index 0); nothing is put where there is
    /// none.
    virtual void save(std::uint32_t sensor_index, StateWriter& state) const {
        (void)sensor_index;
        (void)state;
    }

    /// Goes on from what save() has put. Called before the first record. @throws DataError for another state
    virtual void load(std::uint32_t sensor_index, StateReader& state) {
        (void)sensor_index;
        (void)state;
    }
};

/// A column of a CSV input, as its three header lines say.
struct InputColumn {
    std::string name;
    std::string unit;
    bool text = false;  ///< type sv, not v
};

/// Models that another job of the same study leaves before this one begins.
struct EarlierModels {
    std::filesystem::path folder;     ///< that they lie in
    std::vector<std::string> fields;  ///< that they take: the attributes, and the target behind them
    std::string origin;               ///< hash of the rows that their training has yielded; empty: not known
};

/// What a task is made from.
struct TaskSetup {
    Parameters parameters;              ///< as its declaration says
    std::vector<std::string> fields;    ///< that the user has chosen for it
    std::uint64_t seed = 0;             ///< of the study
    std::filesystem::path folder = {};  ///< of its own, for what it reads and writes; may not be there yet
    std::filesystem::path remote_folder = {};  ///< the same on the file system that hosts share
    std::string broker = {};                   ///< that topics are published by, too; empty: none
    std::string sensor = "sensor";             ///< name of the field that tells sensors apart
    std::vector<InputColumn> columns = {};     ///< of the input's lines, where they have columns (CSV)
    std::optional<EarlierModels> models = {};  ///< for a task that names no models of its own
};

/// Columns of what a task yields.
struct Columns {
    std::vector<std::string> names;  ///< the first is "record"
    std::size_t n_context = 1;       ///< of them say where a row comes from; the others are the result
};

/// A task by its declaration: from it come keys, checks, lists and documents.
struct TaskKind {
    std::string_view code;    ///< "AVG"
    std::string_view name;    ///< "block_window_average": as users of PyRIoTBench know it, where it has it
    std::string_view doc;     ///< what it does, one line
    std::string_view sigma;   ///< outputs for inputs: "1:1", "N:1"
    bool uses_fields = true;  ///< works on fields that the user may choose
    std::string_view input_format = {};  ///< that input.format must be; "": any
    /// Code of the job that makes models for it in the same study, when its parameter `models` is empty;
    /// "": there is none.
    std::string_view models_from = {};
    std::string_view writes_into = {};  ///< parameter that names a folder it writes into, beside its own
    std::vector<Parameter> parameters = {};
    Keying (*keying)(Parameters const& parameters) = nullptr;
    /// What it takes from each record: Record::fields are these, in this order. Null: the setup's fields.
    /// @throws DataError, IoError for a file that says so and cannot be used
    std::vector<std::string> (*fields)(TaskSetup const& setup) = nullptr;
    /// Fields that its parameters name beside those: records of the stream must have them, too. May be null.
    std::vector<std::string> (*named)(TaskSetup const& setup) = nullptr;
    Columns (*columns)(TaskSetup const& setup) = nullptr;
    /// What is wrong with the parameters taken together, a sentence each; may be null: nothing can be.
    std::vector<std::string> (*problems)(TaskSetup const& setup) = nullptr;
    /// What users should hear before it runs, though it can, a sentence each; may be null: nothing.
    /// @throws IoError
    std::vector<std::string> (*notes)(TaskSetup const& setup) = nullptr;
    /// @throws DataError for a file that it cannot use; IoError
    std::unique_ptr<Task> (*make)(TaskSetup const& setup) = nullptr;
};

/// All tasks, by code.
[[nodiscard]] std::vector<TaskKind> const& task_kinds();

/// The task of that code or name, in any case of letters; null when there is none.
[[nodiscard]] TaskKind const* find_task(std::string_view code_or_name);

/// What a task takes from each record; for Layout::fields. @throws DataError, IoError as TaskKind::fields
[[nodiscard]] std::vector<std::string> fields_of(TaskKind const& kind, TaskSetup const& setup);

/// Fields that a task's parameters name, whether it takes them or not.
[[nodiscard]] std::vector<std::string> named_fields_of(TaskKind const& kind, TaskSetup const& setup);

/// What is wrong with a setup; empty: nothing.
[[nodiscard]] std::vector<std::string> problems_of(TaskKind const& kind, TaskSetup const& setup);

/// What users should hear of a setup. @throws IoError
[[nodiscard]] std::vector<std::string> notes_of(TaskKind const& kind, TaskSetup const& setup);

/// For TaskKind::keying.
[[nodiscard]] Keying by_record(Parameters const& parameters);
[[nodiscard]] Keying by_sensor(Parameters const& parameters);
[[nodiscard]] Keying by_stream(Parameters const& parameters);

/// For TaskKind::make.
template <class Made>
std::unique_ptr<Task> make_task(TaskSetup const& setup) {
    return std::make_unique<Made>(setup);
}

/// A whole number of the setup that is not negative.
[[nodiscard]] std::size_t size_of(TaskSetup const& setup, std::string_view parameter);

/// The key of `profile`: does the task follow the corrected rule, or what the published systems compute?
[[nodiscard]] Parameter profile_parameter();
[[nodiscard]] bool is_published(Parameters const& parameters);

/// A task that takes single observations, with a state for each key: a field of a sensor.
class ObservationTask : public Task {
  public:
    void take(Record const& record, Yield& yield) final;

  protected:
    /// One observation: where it is, and what it says.
    struct Observation {
        Record const& record;
        std::size_t field;            ///< of the setup's
        std::size_t key;              ///< of (sensor, field), from 0 without gaps
        std::optional<double> value;  ///< nothing: missing
    };

    explicit ObservationTask(std::vector<std::string> fields) : fields_(std::move(fields)) {}

    virtual Outcome observe(Observation const& observation, Output& output, Tally& tally) = 0;

    [[nodiscard]] std::vector<std::string> const& fields() const noexcept { return fields_; }

    [[nodiscard]] std::size_t key_of(std::uint32_t sensor_index, std::size_t field) const {
        return sensor_index * fields_.size() + field;
    }

    /// For save(): hands on the states of a sensor's fields; a key that is not in the list has a fresh one.
    template <class State, class Put>
    void each_state(std::uint32_t sensor_index, std::vector<State> const& states, State const& fresh,
                    Put put) const {
        for (std::size_t field = 0; field < fields_.size(); ++field) {
            std::size_t const key = key_of(sensor_index, field);
            put(key < states.size() ? states[key] : fresh);
        }
    }

    /// Begins a row with where it comes from: record, sensor, field.
    Output& begin(Output& output, Observation const& observation) const {
        return output.begin(observation.record.number)
            .cell(observation.record.sensor)
            .cell(std::string_view(fields_[observation.field]));
    }

  private:
    std::vector<std::string> fields_;
};

/// The state of a key in a list that grows with the keys.
template <class State>
State& at_key(std::vector<State>& states, std::size_t key, State const& fresh = {}) {
    if (key >= states.size()) states.resize(std::max(key + 1, states.size() * 2), fresh);
    return states[key];
}

/// Columns of tasks that yield a number for an observation.
[[nodiscard]] Columns value_columns(TaskSetup const& setup);

}  // namespace vaster::stream
