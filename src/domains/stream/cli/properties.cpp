#include "domains/stream/cli/properties.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/support/texts.hpp"
#include "domains/stream/records/record.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {
namespace {

/// A published key, and a parameter that it is here. There the properties of a task are those of the
/// dataflows that it is a part of, too: such a key stands once for each.
struct Same {
    std::string_view key;
    std::string_view job;  ///< a task or a dataflow
    std::string_view parameter;
};

constexpr std::array same_keys{
    Same{"AGGREGATE.BLOCK_COUNT.WINDOW_SIZE", "AVG", "window"},
    Same{"AGGREGATE.BLOCK_COUNT.WINDOW_SIZE", "STATS", "window"},
    Same{"AGGREGATE.BLOCK_COUNT.WINDOW_SIZE", "PRED", "window"},
    Same{"AGGREGATE.BLOCK_WINDOW_AVERAGE.WINDOW_SIZE", "AVG", "window"},  // PyRIoTBench
    Same{"AGGREGATE.DISTINCT_APPROX_COUNT.BUCKETS", "DAC", "bits"},
    Same{"AGGREGATE.ACCUMLATOR.TUPLE_WINDOW_SIZE", "ACC", "window"},
    Same{"AGGREGATE.ACCUMLATOR.TUPLE_WINDOW_SIZE", "STATS", "plot_window"},
    Same{"AGGREGATE.ACCUMULATOR.TUPLE_WINDOW_SIZE", "ACC", "window"},  // PyRIoTBench
    Same{"ANNOTATE.ANNOTATE_FILE_PATH", "ANN", "annotations"},
    Same{"ANNOTATE.ANNOTATE_FILE_PATH", "ETL", "annotations"},
    Same{"CLASSIFICATION.DECISION_TREE.TRAIN.MODEL_UPDATE_FREQUENCY", "DTT", "batch"},
    Same{"FILTER.BLOOM_FILTER.MODEL_PATH", "BLF", "model"},
    Same{"FILTER.MULTI_BLOOM_FILTER.MODEL_PATH_LIST", "BLF", "model"},
    Same{"FILTER.BLOOM_FILTER_TRAIN.EXPECTED_INSERTIONS", "BLT", "expected"},
    Same{"FILTER.BLOOM_FILTER_TRAIN.FALSEPOSITIVE_RATIO", "BLT", "false_positives"},
    Same{"FILTER.RANGE_FILTER.VALID_RANGE", "RGF", "ranges"},
    Same{"FILTER.RANGE_FILTER.VALID_RANGE", "ETL", "ranges"},
    Same{"IO.ZIPBUFFER.MAX_FILES_COUNT", "LZP", "files"},
    Same{"IO.ZIPBUFFER.MAX_FILES_COUNT", "STATS", "plot_files"},
    Same{"MATH.PI_VIETE.ITERS", "PIV", "iterations"},
    Same{"PREDICT.LINEAR_REGRESSION.TRAIN.MODEL_UPDATE_FREQUENCY", "MLT", "batch"},
    Same{"PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_TRAIN", "SLR", "train"},
    Same{"PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_TRAIN", "STATS", "train"},
    Same{"PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_PREDICT", "SLR", "predict"},
    Same{"PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_PREDICT", "STATS", "predict"},
    Same{"STATISTICS.INTERPOLATION.WINDOW_SIZE", "INP", "window"},
    Same{"STATISTICS.INTERPOLATION.WINDOW_SIZE", "ETL", "window"},
    Same{"STATISTICS.KALMAN_FILTER.PROCESS_NOISE", "KAL", "process_noise"},
    Same{"STATISTICS.KALMAN_FILTER.PROCESS_NOISE", "STATS", "process_noise"},
    Same{"STATISTICS.KALMAN_FILTER.SENSOR_NOISE", "KAL", "sensor_noise"},
    Same{"STATISTICS.KALMAN_FILTER.SENSOR_NOISE", "STATS", "sensor_noise"},
    Same{"STATISTICS.KALMAN_FILTER.ESTIMATED_ERROR", "KAL", "estimated_error"},
    Same{"STATISTICS.KALMAN_FILTER.ESTIMATED_ERROR", "STATS", "estimated_error"},
    Same{"STATISTICS.MOMENT.MAX_HASHMAPSIZE", "SOM", "counters"},
    Same{"PARSE.META_FIELD_SCHEMA", "ETL", "meta"},
};

/// A field of every record there, and no field here.
constexpr std::string_view time_field = "timestamp";

/// Keys with names of fields that a task works on.
constexpr std::array<std::string_view, 6> field_keys{
    "AGGREGATE.BLOCK_AVERAGE.USE_MSG_FIELD",      "AGGREGATE.BLOCK_AVERAGE.USE_MSG_FIELD_LIST",
    "STATISTICS.INTERPOLATION.USE_MSG_FIELD",     "STATISTICS.INTERPOLATION.USE_MSG_FIELD_LIST",
    "STATISTICS.KALMAN_FILTER.USE_MSG_FIELDLIST", "STATISTICS.KALMAN_FILTER.USE_MSG_FIELD_LIST"};

constexpr std::string_view sensor_key = "PARSE.ID_FIELD_SCHEMA";

/// What has no place here. The first that fits counts; a text with a dot at the end stands for all keys that
/// begin so, one with a dot before it for all that end so.
struct Needless {
    std::string_view key;
    std::string_view reason;
};

constexpr std::array needless_keys{
    Needless{".MODEL_PATH", "models of Weka cannot be read: train again with vaster"},
    Needless{".ARFF_PATH", "attributes are named in the study"},
    Needless{"IO.AZURE", "tables and files take the place of Azure (tasks ATI, ATL, ATR, ABD, ABU)"},
    Needless{"IO.MQTT", "topics in io.directory take the place of a broker"},
    Needless{"IO.ZIPBUFFER.", "archives lie in io.directory, and their names follow from their numbers"},
    Needless{"JOIN.", "a record is joined when it is complete by its own fields, never by a count"},
    Needless{"PARSE.", "records say themselves what is in them; CSV by its header"},
    Needless{"SPOUT.", "records say themselves what is in them; CSV by its header"},
    Needless{".MULTIVALUE_OBSTYPE", "the accumulator takes what it is given"},
    Needless{".META_TIMESTAMP_FIELD", "each record has its time"},
    Needless{"STATISTICS.MOMENT.COUNTER", "it is a state, not a setting"},
    Needless{".RESULT_ATTRIBUTE_INDEX", "attributes are chosen by name"},
    Needless{".USE_MSG", "fields are chosen by name: input.fields"},
    Needless{".USE_MSG_FIELD", "fields are chosen by name: input.fields"},
    Needless{".USE_MSG_FIELD_LIST", "fields are chosen by name: input.fields"},
    Needless{".ANNOTATE_MSG_USE_FIELD", "the sensor is looked up, or tasks.ANN.key_field"},
    // of PyRIoTBench
    Needless{
        "STATISTICS.KALMAN_FILTER.MEASUREMENT_NOISE",
        "PyRIoTBench's examples have it, but its task reads SENSOR_NOISE alone (tasks.KAL.sensor_noise)"},
    Needless{"STATISTICS.KALMAN_FILTER.INITIAL_ESTIMATE",
             "PyRIoTBench's examples have it, but its task does not read it; the estimate begins at 0"},
    Needless{"STATISTICS.KALMAN_FILTER.INITIAL_ERROR",
             "PyRIoTBench's examples have it, but its task reads ESTIMATED_ERROR alone "
             "(tasks.KAL.estimated_error)"},
    Needless{".SENSOR_ID_FIELD", "the sensor is chosen by name: input.sensor"},
    Needless{".ID_FIELD", "the sensor is chosen by name: input.sensor"},
    Needless{"AGGREGATE.BLOCK_WINDOW_AVERAGE.FIELD", "fields are chosen by name: input.fields"},
    Needless{".TESTING_RANGE", "members are those of the stream: nothing is drawn at random"},
    Needless{".CLASS_NAMES", "a model says its classes"},
    Needless{".FEATURE_COUNT", "a model says its attributes"},
};

bool fits(std::string_view key, std::string_view pattern) {
    return pattern.starts_with('.') ? key.ends_with(pattern) : key.starts_with(pattern);
}

using Settings = std::vector<std::pair<std::string, std::string>>;

/// A value of YAML without the comment behind it, and without quotes around it.
std::string_view plain_value(std::string_view value) {
    bool const quoted = value.starts_with('"') || value.starts_with('\'');
    if (quoted) {
        auto const end = value.find(value.front(), 1);
        return end == std::string_view::npos ? value : value.substr(1, end - 1);
    }
    return stripped(value.substr(0, value.find(" #")));
}

/// Keys and values in order; a key that stands twice has its last value.
/// @param yaml  values may have quotes, and comments behind them
Settings settings_in(std::string_view text, bool yaml) {
    Settings settings;
    std::string line;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find('\n', begin), text.size());
        auto const part = stripped(text.substr(begin, end - begin));
        begin = end + 1;
        bool const comment = line.empty() && (part.starts_with('#') || part.starts_with('!'));
        if (comment) continue;
        line.append(part);
        if (line.ends_with('\\')) {
            line.pop_back();
            continue;
        }
        auto const sign = std::min(line.find_first_of("=:"), line.size());
        std::string const key(stripped(std::string_view(line).substr(0, sign)));
        auto const said = stripped(std::string_view(line).substr(std::min(sign + 1, line.size())));
        std::string const value(yaml ? plain_value(said) : said);
        line.clear();
        if (key.empty()) continue;
        auto const known = std::find_if(settings.begin(), settings.end(),
                                        [&](auto const& setting) { return setting.first == key; });
        if (known != settings.end())
            known->second = value;
        else
            settings.emplace_back(key, value);
    }
    return settings;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= text.size();) {
        auto const end = std::min(text.find(',', begin), text.size());
        auto const word = stripped(text.substr(begin, end - begin));
        if (!word.empty()) words.emplace_back(word);
        begin = end + 1;
    }
    return words;
}

/// The text as a value of the parameter's type; nothing when it is none.
std::optional<Value> value_as(Parameter const& parameter, std::string const& text) {
    if (std::holds_alternative<std::string>(parameter.standard)) return Value(text);
    if (std::holds_alternative<std::vector<std::string>>(parameter.standard)) {
        auto names = words(text);
        names.erase(std::remove(names.begin(), names.end(), time_field), names.end());
        return Value(std::move(names));
    }
    auto const number = number_of(text);
    if (!number) return std::nullopt;
    if (std::holds_alternative<double>(parameter.standard)) return Value(*number);
    bool const whole = std::holds_alternative<std::int64_t>(parameter.standard);
    auto const count = static_cast<std::int64_t>(std::clamp(*number, -1e15, 1e15));
    return whole && static_cast<double>(count) == *number ? std::optional<Value>(count) : std::nullopt;
}

class Importer {
  public:
    void take(std::string const& key, std::string const& value) {
        bool is_known = false;
        for (auto const& same : same_keys) {
            if (same.key != key) continue;
            is_known = true;
            take_parameter(same, value);
        }
        if (is_known) return;
        if (key == sensor_key)
            sensor_ = value;
        else if (std::find(field_keys.begin(), field_keys.end(), key) != field_keys.end() &&
                 names_fields(value))
            add_fields(value);
        else
            leave(key);
    }

    ImportedProperties finish(std::string_view name) && {
        std::string text = fmt::format(
            "# From {}. Jobs and files are missing: stream.jobs, input.files.\n\n[study]\nkind = "
            "\"stream\"\n",
            name);
        if (!sensor_.empty() || !fields_.empty()) text += "\n[input]\n";
        if (!sensor_.empty()) text += fmt::format("sensor = {}\n", vaster::to_toml(Value(sensor_)));
        if (!fields_.empty()) text += fmt::format("fields = {}\n", vaster::to_toml(Value(fields_)));
        for (auto const& [table, lines] : tables_) text += fmt::format("\n[{}]\n{}", table, lines);
        imported_.toml = std::move(text);
        return std::move(imported_);
    }

  private:
    static bool names_fields(std::string const& value) {
        return std::any_of(value.begin(), value.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    }

    void take_parameter(Same const& same, std::string const& text) {
        auto const* const kind = find_job(same.job);
        if (kind == nullptr) {
            imported_.left.push_back(fmt::format("{}: there is no task {}", same.key, same.job));
            return;
        }
        auto const parameter = std::find_if(kind->parameters.begin(), kind->parameters.end(),
                                            [&](Parameter const& one) { return one.name == same.parameter; });
        if (parameter == kind->parameters.end()) {
            imported_.left.push_back(
                fmt::format("{}: task {} has no {}", same.key, same.job, same.parameter));
            return;
        }
        auto const value = value_as(*parameter, text);
        auto const problem = value ? problem_of(*parameter, *value) : "(must be a number)";
        if (problem.empty())
            tables_[table_of(*kind)] += fmt::format("{} = {}\n", same.parameter, vaster::to_toml(*value));
        else
            refuse(fmt::format("{} = {} {}", same.key, text, problem));
    }

    /// Once, of a key that is several.
    void refuse(std::string line) {
        auto& wrong = imported_.wrong;
        if (wrong.empty() || wrong.back() != line) wrong.push_back(std::move(line));
    }

    void add_fields(std::string const& value) {
        for (auto& field : words(value))
            if (std::find(fields_.begin(), fields_.end(), field) == fields_.end())
                fields_.push_back(std::move(field));
    }

    void leave(std::string const& key) {
        auto const found = std::find_if(needless_keys.begin(), needless_keys.end(),
                                        [&](Needless const& one) { return fits(key, one.key); });
        if (found == needless_keys.end())
            imported_.unknown.push_back(key);
        else
            imported_.left.push_back(fmt::format("{}: {}", key, found->reason));
    }

    ImportedProperties imported_;
    std::string sensor_;
    std::vector<std::string> fields_;
    std::map<std::string, std::string> tables_;  ///< lines of each
};

}  // namespace

ImportedProperties import_properties(std::string_view text, std::string_view name) {
    Importer importer;
    bool const yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    for (auto const& [key, value] : settings_in(text, yaml)) importer.take(key, value);
    return std::move(importer).finish(name);
}

}  // namespace vaster::stream
