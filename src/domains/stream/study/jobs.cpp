#include "domains/stream/study/jobs.hpp"

#include <fmt/format.h>

#include "base/support/hash.hpp"

namespace vaster::stream {

namespace fs = std::filesystem;

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
    return setup;
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
    for (auto const& [name, value] : job.parameters.all())
        text += fmt::format(" {}={}", name, to_toml(value));
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
