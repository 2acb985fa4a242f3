#include "domains/stream/cli/file_flags.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/nearest.hpp"
#include "base/support/program_name.hpp"
#include "domains/stream/records/data_sets.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/tasks/task.hpp"
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

bool is_given(std::vector<study::Override> const& overrides, std::string_view key,
              std::string_view value = "") {
    return std::any_of(overrides.begin(), overrides.end(), [&](study::Override const& one) {
        return one.key == key && (value.empty() || one.text == value);
    });
}

}  // namespace

std::vector<study::Override> keys_of_data_set(std::string const& name) {
    auto const* const set = find_data_set(name);
    if (set == nullptr) {
        Texts names;
        for (auto const& known : data_sets()) names.emplace_back(known.name);
        throw UsageError(
            fmt::format("--data-set {}: there is none; {}", name, suggestion(name, names, "there are:")));
    }
    Texts const fields(set->observed.begin(), set->observed.end());
    return {{"input.sensor", vaster::to_toml(Value(std::string(set->id()))), "--data-set"},
            {"input.fields", vaster::to_toml(Value(fields)), "--data-set"},
            {"tasks.RGF.ranges", vaster::to_toml(Value(ranges_of(*set))), "--data-set"}};
}

void FileFlags::add_to(cli::Command& command, study::Kind const& kind) {
    command
        .add_option("task", task_,
                    fmt::format("the task, by code or name: '{} stream list' has them", program_name()))
        ->required()
        ->option_text("TASK");
    command.add_option("-c,--config", config_, "configuration of a study of kind stream, for other keys")
        ->option_text("FILE.toml");
    command
        .add_option(
            "--data-set", data_set_,
            "the stream has the fields of this data set (SYS, FIT, GRID or TAXI): sensor, fields and ranges "
            "need not be given")
        ->option_text("SET");
    command.add_flag("--plain", plain_, "results alone, one a line, as PyRIoTBench writes them; else CSV");
    command
        .add_option("--actors", actors_,
                    "of PyRIoTBench; here it is --ranks N, or mpirun -n N before the program")
        ->option_text("N");
    keys_.add_keys_to(command, kind, {"--kind", "--output", "--input", "--jobs"});
}

std::string FileFlags::task() const {
    auto const* const kind = find_task(task_);
    if (kind != nullptr) return std::string(kind->code);
    Texts names;
    for (auto const& known : task_kinds()) {
        names.emplace_back(known.code);
        names.emplace_back(known.name);
    }
    auto const nearest = did_you_mean(task_, names);
    throw UsageError(
        fmt::format("there is no task '{}'; {}", task_,
                    nearest.empty() ? fmt::format("'{} stream list' has them", program_name()) : nearest));
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
    std::vector<study::Override> keys{{"study.kind", std::string(stream_kind), "stream"}};
    if (!data_set_.empty()) keys = keys_of_data_set(data_set_);
    if (!data_set_.empty()) keys.push_back({"study.kind", std::string(stream_kind), "stream"});
    if (is_given(source.overrides, "input.format", "values") && !is_given(source.overrides, "input.fields"))
        keys.push_back({"input.fields", std::string(value_field), "--format values"});
    keys.push_back({"output.form", plain_ ? "plain" : "csv", "--plain"});
    keys.insert(keys.end(), source.overrides.begin(), source.overrides.end());
    keys.push_back({"stream.jobs", vaster::to_toml(Value(Texts{task()})), "TASK"});
    source.overrides = std::move(keys);
    return source;
}

}  // namespace vaster::stream
