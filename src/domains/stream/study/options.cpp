#include "domains/stream/study/options.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "domains/stream/records/generator.hpp"
#include "domains/stream/study/jobs.hpp"

namespace vaster::stream {
namespace {

using Texts = std::vector<std::string>;

std::uint64_t count_of(study::Config const& config, std::string_view key) {
    return static_cast<std::uint64_t>(config.get<std::int64_t>(key));
}

constexpr std::size_t n_chances = 4;

/// Of another number of chances there is a problem.
GeneratorFaults faults_of(std::vector<double> const& chances) {
    GeneratorFaults faults;
    if (chances.size() == n_chances) faults = {chances[0], chances[1], chances[2], chances[3]};
    return faults;
}

std::optional<MadeUpStream> made_up_of(study::Config const& config) {
    auto const& set = config.get<std::string>("generator.set");
    if (set.empty()) return std::nullopt;
    MadeUpStream stream;
    auto& settings = stream.settings;
    settings.set = find_data_set(set);
    settings.n_sensors = count_of(config, "generator.sensors");
    settings.seed = count_of(config, "generator.seed");
    settings.rate = count_of(config, "generator.rate");
    settings.cycle = count_of(config, "generator.cycle");
    auto const& shapes = shape_names();
    auto const shape = std::find(shapes.begin(), shapes.end(), config.get<std::string>("generator.shape"));
    settings.shape = static_cast<Shape>(shape - shapes.begin());
    settings.faults = faults_of(config.get<std::vector<double>>("generator.faults"));
    stream.n_records = count_of(config, "generator.records");
    return stream;
}

SourceOptions source_of(study::Config const& config) {
    SourceOptions source;
    auto const& files = config.get<Texts>("input.files");
    source.files.assign(files.begin(), files.end());
    source.format = config.get<std::string>("input.format");
    source.sensor = config.get<std::string>("input.sensor");
    source.fields = config.get<Texts>("input.fields");
    source.longest = config.bytes("input.longest");
    source.memory = config.bytes("input.memory");
    source.block = config.bytes("input.block");
    source.made_up = made_up_of(config);
    source.n_fault_chances = config.get<std::vector<double>>("generator.faults").size();
    source.most_errors = config.get<double>("input.most_errors");
    source.copies = count_of(config, "scale.space");
    return source;
}

OutputOptions output_of(study::Config const& config) {
    OutputOptions output;
    output.directory = config.get<std::string>("output.directory");
    output.form = config.get<std::string>("output.form") == "plain" ? Output::Form::plain : Output::Form::csv;
    output.keeps_state = config.get<bool>("output.state");
    output.waits_for_disk = config.get<std::string>("run.durability") == "commit";
    return output;
}

/// Records of the other forms come from one sensor when nothing is said, or from that of their base name.
bool needs_sensor(std::string_view format) {
    return format == "senml" || format == "csv";
}

void add_twice(std::vector<std::string>& problems, std::string_view key, Texts names) {
    std::sort(names.begin(), names.end());
    auto const twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) problems.push_back(fmt::format("{} names {} twice", key, *twice));
}

/// Copies are told apart by the IDs of their sensors.
bool names_no_sensor(SourceOptions const& source) {
    return source.format == "values" || source.format == "xml" ||
           (source.format == "pairs" && source.sensor.empty());
}

void add_problems_of_source(std::vector<std::string>& problems, SourceOptions const& source) {
    if (source.n_fault_chances != n_chances)
        problems.push_back(fmt::format(
            "generator.faults has {} of its 4 chances (must be [out of range, missing, absent, cut]: that a "
            "field of a record is out of range, missing or absent, and that the record is cut in half)",
            source.n_fault_chances));
    if (source.copies > 1 && names_no_sensor(source))
        problems.push_back(fmt::format(
            "scale.space is {}, but no record of input.format = {} names a sensor that could be copied",
            source.copies, source.format));
    if (!source.made_up) {
        if (source.files.empty())
            problems.emplace_back(
                "input.files is empty (must name the files of the stream, or generator.set a made-up one)");
        return;
    }
    if (!source.files.empty())
        problems.emplace_back("input.files and generator.set are both given (a stream is read or made up)");
    if (source.format != "senml")
        problems.push_back(fmt::format("input.format is {} (a made-up stream is senml)", source.format));
    for (auto const& problem : stream::problems(source.made_up->settings))
        problems.push_back(fmt::format("[generator]: {}", problem));
}

Texts known_jobs() {
    Texts names;
    for (auto const* kind : job_kinds()) names.emplace_back(kind->code);
    return names;
}

/// Does the job take records of that form?
bool takes(JobOptions const& job, std::string_view format) {
    return job.kind->input_format.empty() || job.kind->input_format == format;
}

void add_problems_of_jobs(std::vector<std::string>& problems, Options const& options) {
    if (options.jobs.empty() && options.unknown_jobs.empty())
        problems.push_back(fmt::format("stream.jobs is empty (must name tasks or dataflows: {})",
                                       fmt::join(known_jobs(), ", ")));
    for (auto const& name : options.unknown_jobs)
        problems.push_back(fmt::format("stream.jobs names {}, which is neither a task nor a dataflow; {}",
                                       name, suggestion(name, known_jobs(), "known are:")));
    Texts codes;
    codes.reserve(options.jobs.size());
    for (auto const& job : options.jobs) {
        codes.emplace_back(job.kind->code);
        if (job.kind->uses_fields && options.source.fields.empty())
            problems.push_back(
                fmt::format("input.fields is empty (must name the fields that {} works on)", job.kind->code));
        if (!takes(job, options.source.format))
            problems.push_back(fmt::format("input.format is {} ({} takes records of the form {})",
                                           options.source.format, job.kind->code, job.kind->input_format));
        for (auto const& problem : stream::problems_of(*job.kind, setup_of(options, job, 0)))
            problems.push_back(fmt::format("[{}]: {}", table_of(*job.kind), problem));
    }
    add_twice(problems, "stream.jobs", codes);
}

}  // namespace

bool is_scaled(SourceOptions const& source) {
    return source.copies != 1 || source.time_scale != 1;
}

Options options_of(study::Config const& config) {
    Options options;
    options.seed = count_of(config, "study.seed");
    for (auto const& name : config.get<Texts>("stream.jobs")) {
        auto const* const kind = find_job(name);
        if (kind == nullptr) {
            options.unknown_jobs.push_back(name);
            continue;
        }
        auto const table = table_of(*kind);
        options.jobs.push_back({kind, kind->parameters.empty() ? Parameters() : config.table(table)});
    }
    options.source = source_of(config);
    options.output = output_of(config);
    options.partitions = count_of(config, "stream.partitions");
    options.repeats = count_of(config, "stream.repeats");
    options.continue_from = config.get<std::string>("stream.continue_from");
    options.study = config.get<std::string>("study.output");
    options.io.directory = config.get<std::string>("io.directory");
    options.io.remote = config.get<std::string>("io.remote_directory");
    options.io.broker = config.get<std::string>("io.broker");
    options.load = load_plan_of(config);
    // Elsewhere arrivals are divided, to the nanosecond, and not the times that records have in them.
    if (options.load.mode == Mode::results) options.source.time_scale = options.load.time_scale;
    return options;
}

std::vector<std::string> problems_of(Options const& options) {
    std::vector<std::string> problems;
    add_problems_of_source(problems, options.source);
    // Where the form is the mistake, that alone is said.
    bool const is_right_form =
        std::all_of(options.jobs.begin(), options.jobs.end(),
                    [&](JobOptions const& job) { return takes(job, options.source.format); });
    if (is_right_form && options.source.sensor.empty() && needs_sensor(options.source.format))
        problems.emplace_back("input.sensor is empty (must name the field with the ID of the sensor)");
    if (options.source.longest == 0)
        problems.emplace_back(
            "input.longest is 0, so that every record would be broken (must be at least a byte)");
    if (options.source.block == 0) problems.emplace_back("input.block is 0 (must be at least a byte)");
    add_twice(problems, "input.fields", options.source.fields);
    add_problems_of_jobs(problems, options);
    add_load_problems(problems, options);
    return problems;
}

bool is_relevant(Options const& options, std::string_view table) {
    if (is_load_table(table)) return is_relevant(options.load, table);
    if (table.find('.') == std::string_view::npos) return true;
    return std::any_of(options.jobs.begin(), options.jobs.end(),
                       [&](JobOptions const& job) { return table_of(*job.kind) == table; });
}

}  // namespace vaster::stream
