#include "core/run/run_keys.hpp"

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::run {
namespace {

std::filesystem::path study_file(std::string const& name) {
    require<ConfigError>(
        !name.empty(),
        "study.output (--output) is empty: name the study file, or leave the key out for the "
        "default; is a variable of the shell not set?");
    return absolute_path(name);
}

}  // namespace

RunKeys run_keys(study::Config const& config) {
    RunKeys keys;
    keys.name = config.get<std::string>("study.name");
    keys.output = study_file(config.get<std::string>("study.output"));
    keys.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    keys.timeout_seconds = config.seconds("run.timeout");
    keys.memory_bytes = config.bytes("run.memory");
    keys.retries = static_cast<unsigned>(config.get<std::int64_t>("run.retries"));
    keys.retry_delay_seconds = config.seconds("run.retry_delay");
    keys.durability = store::durability_of(config.get<std::string>("run.durability"));
    keys.max_seconds = config.seconds("run.max_time");
    keys.cost_cache = config.get<std::string>("run.cost_cache");
    keys.silence_seconds = config.seconds("run.silence");
    keys.threads = static_cast<std::uint32_t>(config.get<std::int64_t>("run.threads"));
    return keys;
}

}  // namespace vaster::run
