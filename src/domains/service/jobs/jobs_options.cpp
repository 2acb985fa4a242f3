#include "domains/service/jobs/jobs_options.hpp"

#include <cmath>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/units.hpp"

namespace vaster::service {
namespace {

constexpr double standard_backoff = 1.5;

/// A duration or a size, or an empty text for what [run] says.
Parameter limit(std::string name, std::string doc) {
    return {.name = std::move(name), .standard = "", .doc = std::move(doc), .effect = Effect::operation};
}

std::string const& text(study::Config const& config, std::string_view key) {
    return config.get<std::string>(key);
}

}  // namespace

std::vector<study::KeyTable> jobs_tables() {
    return {
        {"jobs",
         "Commands and table operations that are run as jobs",
         {
             {.name = "file",
              .standard = "",
              .doc = "TOML file with [[job]] tables; the command line of 'jobs run' gives it",
              .effect = Effect::operation},
             {.name = "command",
              .standard = "",
              .doc = "in place of the file: a command for /bin/sh, in which {} stands for a line of the list",
              .effect = Effect::operation,
              .flag = "--command"},
             {.name = "list",
              .standard = "",
              .doc = "file of which each line makes a job of the command",
              .effect = Effect::operation,
              .flag = "--list"},
             {.name = "folder",
              .standard = "",
              .doc = "folder in which standard output and error of every attempt are kept; relative to where "
                     "the "
                     "jobs run. Empty: beside the study file, with .out for .h5",
              .effect = Effect::operation,
              .flag = "--folder"},
             {.name = "keep_going",
              .standard = true,
              .doc = "go on after a job was given up; false: as max_failures = 1",
              .effect = Effect::operation},
             {.name = "max_failures",
              .standard = std::int64_t{0},
              .doc =
                  "stop once so many jobs have been given up: nothing more is begun, and what does not end "
                  "in half a second waits for a retry; 0: however many",
              .bounds = {.at_least = 0},
              .effect = Effect::operation,
              .flag = "--max-failures"},
         }},
        {"defaults",
         "Limits of jobs that have none of their own; what is empty is as [run] says",
         {
             limit("timeout",
                   "longest time for one attempt; then the command and all that it has started is killed"),
             limit("memory", "most memory (data) of each process of a command"),
             {.name = "retries",
              .standard = std::int64_t{-1},
              .doc = "new attempts after a failure; -1: as run.retries",
              .bounds = {.at_least = -1, .at_most = 100},
              .effect = Effect::operation},
             limit("retry_delay", "wait before the first new attempt"),
             {.name = "backoff",
              .standard = standard_backoff,
              .doc = "factor on the wait with each further attempt",
              .bounds = {.at_least = 1, .at_most = 100},
              .effect = Effect::operation},
             {.name = "priority",
              .standard = std::int64_t{0},
              .doc = "jobs of a higher one are begun first; among equals those that are expected to take "
                     "longest",
              .bounds = {.at_least = -1000000, .at_most = 1000000},
              .effect = Effect::operation},
             {.name = "no_retry_codes",
              .standard = std::vector<double>{},
              .doc = "exit codes after which a command is not tried again",
              .bounds = {.at_least = 1, .at_most = 255},
              .effect = Effect::operation},
         }},
    };
}

std::vector<study::KeyDoc> run_keys_of_jobs() {
    return {
        {"run", "timeout",
         "longest time for one attempt at a job; then the command and all that it has started is killed"},
        {"run", "memory", "most memory (data) of each process of a command, and for an operation on a table"},
        {"run", "retries", "new attempts after a job has failed in a way that may be bad luck"},
        {"run", "retry_delay", "wait before the first new attempt; defaults.backoff says how it grows"},
        {"run", "max_time",
         "time for this run, after which it stops as if asked to; no job is begun that is not expected to "
         "end "
         "in it. 0: as long as it takes, or until the end of the Slurm job"},
    };
}

std::vector<std::string> jobs_problems(study::Config const& config) {
    std::vector<std::string> problems;
    auto const is_given = [&](std::string_view key) { return !text(config, key).empty(); };
    bool const short_form = is_given("jobs.command") || is_given("jobs.list");
    if (is_given("jobs.file") == short_form)
        problems.emplace_back(
            "which jobs? Give a TOML file with [[job]] tables (jobs.file), or a command and a list of lines "
            "(--command, --list)");
    else if (short_form && (!is_given("jobs.command") || !is_given("jobs.list")))
        problems.push_back(fmt::format("jobs.{0} (--{0}) is missing: a command goes with a list of lines",
                                       is_given("jobs.list") ? "command" : "list"));
    for (auto const* const name : {"timeout", "retry_delay"}) {
        auto const& given = text(config, fmt::format("defaults.{}", name));
        auto const seconds = parse_duration(given);
        bool const good =
            given.empty() || (seconds && (*seconds > 0 || name == std::string_view("retry_delay")));
        if (!good)
            problems.push_back(fmt::format(
                "defaults.{} = \"{}\" (must be a duration, such as \"90s\" or \"1h30m\")", name, given));
    }
    auto const& memory = text(config, "defaults.memory");
    auto const bytes = parse_bytes(memory);
    if (!memory.empty() && (!bytes || *bytes < (std::uint64_t{32} << 20U)))
        problems.push_back(fmt::format(
            "defaults.memory = \"{}\" (must be a size of at least 32 MiB, such as \"4GiB\")", memory));
    for (double const code : config.get<std::vector<double>>("defaults.no_retry_codes"))
        if (code != std::floor(code))
            problems.push_back(fmt::format("defaults.no_retry_codes has {} (must be whole numbers)", code));
    return problems;
}

JobLimits job_defaults(study::Config const& config) {
    JobLimits defaults;
    defaults.timeout_seconds = parse_duration(text(config, "defaults.timeout"));
    defaults.memory_bytes = parse_bytes(text(config, "defaults.memory"));
    auto const retries = config.get<std::int64_t>("defaults.retries");
    if (retries >= 0) defaults.retries = static_cast<unsigned>(retries);
    defaults.retry_delay_seconds = parse_duration(text(config, "defaults.retry_delay"));
    defaults.backoff = config.get<double>("defaults.backoff");
    defaults.priority = config.get<std::int64_t>("defaults.priority");
    defaults.no_retry_codes.emplace();
    for (double const code : config.get<std::vector<double>>("defaults.no_retry_codes"))
        defaults.no_retry_codes->push_back(static_cast<int>(code));
    return defaults;
}

JobsOptions jobs_options(study::Config const& config) {
    JobsOptions options;
    options.file = text(config, "jobs.file");
    options.command = text(config, "jobs.command");
    options.list = text(config, "jobs.list");
    options.folder = text(config, "jobs.folder");
    options.study = absolute_path(text(config, "study.output"));
    auto const most = static_cast<std::uint64_t>(config.get<std::int64_t>("jobs.max_failures"));
    if (most > 0) options.most_failures = most;
    if (!config.get<bool>("jobs.keep_going")) options.most_failures = 1;
    options.defaults = job_defaults(config);
    return options;
}

std::filesystem::path output_folder(JobsOptions const& options, JobList const& list) {
    if (!options.folder.empty()) return in_directory(list, options.folder);
    auto folder = options.study;
    return folder.replace_extension(".out");
}

study::OwnLimits limits_of(JobLimits const& own, JobLimits const& defaults) {
    auto const either = [](auto const& first, auto const& second) { return first ? first : second; };
    study::OwnLimits limits;
    limits.timeout_seconds = either(own.timeout_seconds, defaults.timeout_seconds);
    limits.memory_bytes = either(own.memory_bytes, defaults.memory_bytes);
    limits.retries = either(own.retries, defaults.retries);
    limits.retry_delay_seconds = either(own.retry_delay_seconds, defaults.retry_delay_seconds);
    limits.backoff = either(own.backoff, defaults.backoff).value_or(standard_backoff);
    limits.priority = either(own.priority, defaults.priority).value_or(0);
    return limits;
}

}  // namespace vaster::service
