#include "domains/stream/study/jobs.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "domains/stream/dataflows/dataflow.hpp"

namespace vaster::stream {

namespace fs = std::filesystem;

namespace {

bool is_dataflow(TaskKind const& kind) {
    auto const& flows = dataflow_kinds();
    return std::any_of(flows.begin(), flows.end(), [&](auto const& flow) { return flow.code == kind.code; });
}

bool same_letters(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::vector<TaskKind const*> job_kinds() {
    std::vector<TaskKind const*> kinds;
    kinds.reserve(task_kinds().size() + dataflow_kinds().size());
    for (auto const& kind : task_kinds()) kinds.push_back(&kind);
    for (auto const& kind : dataflow_kinds()) kinds.push_back(&kind);
    std::sort(kinds.begin(), kinds.end(), [](auto const* a, auto const* b) { return a->code < b->code; });
    return kinds;
}

TaskKind const* find_job(std::string_view code_or_name) {
    for (auto const* kind : job_kinds())
        if (same_letters(kind->code, code_or_name) || same_letters(kind->name, code_or_name)) return kind;
    return nullptr;
}

std::string table_of(TaskKind const& kind) {
    return fmt::format("{}.{}", is_dataflow(kind) ? "dataflows" : "tasks", kind.code);
}

TaskSetup setup_of(Options const& options, JobOptions const& job, std::uint64_t partition) {
    TaskSetup setup;
    setup.parameters = job.parameters;
    setup.fields = options.source.fields;
    setup.seed = options.seed;
    setup.sensor = options.source.sensor;
    auto const own = fs::path(job.kind->code) / fmt::format("{:05}", partition);
    auto const beside = side_folder(options.study) / "io";
    setup.folder = (options.io.directory.empty() ? beside : options.io.directory) / own;
    setup.remote_folder = (options.io.remote.empty() ? beside / "remote" : options.io.remote) / own;
    setup.broker = options.io.broker;
    if (auto const* const trainer = trainer_of(options, job)) {
        auto const theirs = setup_of(options, *trainer, 0);
        setup.models = EarlierModels{theirs.folder, fields_of(*trainer->kind, theirs), ""};
    }
    return setup;
}

std::vector<fs::path> named_files(Options const& options) {
    std::vector<fs::path> files;
    for (auto const& job : options.jobs)
        for (auto const& parameter : job.kind->parameters)
            if (parameter.format == Format::file)
                files.emplace_back(job.parameters.get<std::string>(parameter.name));
    return files;
}

JobOptions const* trainer_of(Options const& options, JobOptions const& job) {
    if (job.kind->models_from.empty() || !job.parameters.get<std::string>("models").empty()) return nullptr;
    auto const found = std::find_if(options.jobs.begin(), options.jobs.end(), [&](JobOptions const& one) {
        return one.kind->code == job.kind->models_from;
    });
    return found == options.jobs.end() ? nullptr : &*found;
}

Keying keying_of(JobOptions const& job) {
    return job.kind->keying(job.parameters);
}

std::uint64_t partitions_of(Options const& options, JobOptions const& job) {
    return keying_of(job) == Keying::stream ? 1 : options.partitions;
}

std::uint64_t partition_of(std::string_view sensor, std::uint64_t partitions) {
    return hash64(sensor) % partitions;
}

std::string profile_of(JobOptions const& job) {
    auto const& all = job.parameters.all();
    auto const found = all.find("profile");
    return found == all.end() ? "corrected" : std::get<std::string>(found->second);
}

std::string description_of(Options const& options, JobOptions const& job) {
    std::string text =
        fmt::format("{} seed={} sensor={} fields={}", job.kind->code, options.seed,
                    to_toml(Value(options.source.sensor)), to_toml(Value(options.source.fields)));
    if (options.source.time_scale != 1) text += fmt::format(" scale.time={}", options.source.time_scale);
    if (options.source.copies != 1) text += fmt::format(" scale.space={}", options.source.copies);
    for (auto const& [name, value] : job.parameters.all())
        text += fmt::format(" {}={}", name, to_toml(value));
    if (auto const* const trainer = trainer_of(options, job))
        text += fmt::format(" after {}", description_of(options, *trainer));
    return text;
}

fs::path side_folder(fs::path const& study) {
    fs::path folder = study;
    folder += ".stream";
    return folder;
}

fs::path part_path(Options const& options, JobOptions const& job, std::uint64_t partition) {
    return side_folder(options.study) / fmt::format("{}-{:05}.part", job.kind->code, partition);
}

fs::path state_path(fs::path const& study, JobOptions const& job) {
    return side_folder(study) / fmt::format("{}.state", job.kind->code);
}

fs::path output_path(Options const& options, JobOptions const& job) {
    bool const plain = options.output.form == Output::Form::plain;
    return options.output.directory / fmt::format("{}.{}", job.kind->code, plain ? "txt" : "csv");
}

}  // namespace vaster::stream
