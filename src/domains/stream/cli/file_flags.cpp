#include "domains/stream/cli/file_flags.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/nearest.hpp"
#include "base/support/program_name.hpp"
#include "domains/stream/records/data_sets.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/options.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

using Texts = std::vector<std::string>;

std::string ranges_of(DataSet const& set) {
    Texts ranges;
    ranges.reserve(set.ranges.size());
    for (auto const& range : set.ranges)
        ranges.push_back(fmt::format("{}:{}:{}", range.field, range.least, range.most));
    return fmt::format("{}", fmt::join(ranges, ","));
}

/// Those that are neither the sensor's ID nor observed.
Texts other_fields(DataSet const& set) {
    Texts fields;
    for (std::size_t i = 1; i < set.texts.size(); ++i) fields.emplace_back(set.texts[i].name);
    for (auto const& number : set.numbers)
        if (std::find(set.observed.begin(), set.observed.end(), number.name) == set.observed.end())
            fields.emplace_back(number.name);
    return fields;
}

bool has_parameter(TaskKind const& job, std::string_view name) {
    return std::any_of(job.parameters.begin(), job.parameters.end(),
                       [&](Parameter const& parameter) { return parameter.name == name; });
}

bool is_given(std::vector<study::Override> const& overrides, std::string_view key,
              std::string_view value = "") {
    return std::any_of(overrides.begin(), overrides.end(), [&](study::Override const& one) {
        return one.key == key && (value.empty() || one.text == value);
    });
}

}  // namespace

std::vector<study::Override> keys_of_data_set(std::string const& name, TaskKind const& job) {
    auto const* const set = find_data_set(name);
    if (set == nullptr) {
        Texts names;
        for (auto const& known : data_sets()) names.emplace_back(known.name);
        throw UsageError(
            fmt::format("--data-set {}: there is none; {}", name, suggestion(name, names, "there are:")));
    }
    std::vector<study::Override> keys;
    auto const add = [&](std::string key, Value const& value) {
        keys.push_back({std::move(key), vaster::to_toml(value), "--data-set"});
    };
    auto const add_own = [&](char const* parameter, Value const& value) {
        if (has_parameter(job, parameter)) add(fmt::format("{}.{}", table_of(job), parameter), value);
    };
    bool const learns = has_parameter(job, "target");
    require<UsageError>(!learns || !set->target.empty(),
                        "--data-set {0}: {0} has no {1}: there is no field of it that others tell. Give "
                        "input.fields and {2}.target for records of your own, without --data-set",
                        set->name, job.code, table_of(job));
    auto const& fields = learns ? set->features : set->observed;
    add("input.sensor", std::string(set->id()));
    add("input.fields", Texts(fields.begin(), fields.end()));
    add_own("ranges", ranges_of(*set));
    add_own("meta", other_fields(*set));
    if (learns && !set->target.empty()) add_own("target", std::string(set->target));
    if (learns && !set->target.empty()) add_own("every", set->model_window);
    return keys;
}

void FileFlags::add_to(cli::Command& command, study::Kind const& kind) {
    command
        .add_option(
            "task", task_,
            fmt::format("the task or dataflow, by code or name: '{} stream list' has them", program_name()))
        ->required()
        ->option_text("TASK");
    command.add_option("-c,--config", config_, "configuration of a study of kind stream, for other keys")
        ->option_text("FILE.toml");
    command
        .add_option(
            "--data-set", data_set_,
            "the stream has the fields of this data set (SYS, FIT, GRID or TAXI): sensor, fields, ranges "
            "and the like need not be given")
        ->option_text("SET");
    command.add_flag("--plain", plain_, "results alone, one a line, as PyRIoTBench writes them; else CSV");
    command
        .add_option("--actors", actors_,
                    "of PyRIoTBench; here it is --ranks N, or mpirun -n N before the program")
        ->option_text("N");
    keys_.add_keys_to(command, kind, {"--kind", "--output", "--input", "--jobs"});
}

TaskKind const& FileFlags::job() const {
    auto const* const kind = find_job(task_);
    if (kind != nullptr) return *kind;
    Texts names;
    for (auto const* const known : job_kinds()) {
        names.emplace_back(known->code);
        names.emplace_back(known->name);
    }
    auto const nearest = did_you_mean(task_, names);
    throw UsageError(
        fmt::format("there is no task '{}'; {}", task_,
                    nearest.empty() ? fmt::format("'{} stream list' has them", program_name()) : nearest));
}

std::string FileFlags::task() const {
    return std::string(job().code);
}

study::ConfigSource FileFlags::source() const {
    require<UsageError>(actors_.empty(),
                        "--actors {0}: start with 'mpirun -n {0} {1} stream ...', or give --ranks {0}",
                        actors_, program_name());
    study::ConfigSource source = keys_.source();
    if (!config_.empty()) {
        source.path = config_;
        source.text = read_file(config_);
    }
    std::vector<study::Override> keys;
    if (!data_set_.empty()) keys = keys_of_data_set(data_set_, job());
    keys.push_back({"study.kind", std::string(stream_kind), "stream"});
    if (is_given(source.overrides, "input.format", "values") && !is_given(source.overrides, "input.fields"))
        keys.push_back({"input.fields", std::string(value_field), "--format values"});
    keys.push_back({"output.form", plain_ ? "plain" : "csv", "--plain"});
    keys.insert(keys.end(), source.overrides.begin(), source.overrides.end());
    keys.push_back({"stream.jobs", vaster::to_toml(Value(Texts{task()})), "TASK"});
    source.overrides = std::move(keys);
    return source;
}

}  // namespace vaster::stream
