#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "domains/service/jobs/job.hpp"
#include "vaster/study/config.hpp"
#include "vaster/study/own_limits.hpp"
#include "vaster/study/own_words.hpp"

namespace vaster::service {

/// What [jobs] and [defaults] say.
struct JobsOptions {
    std::string file;             ///< TOML with [[job]] tables; empty: command and list
    std::string command;          ///< for the shell; {} is a line of the list
    std::string list;             ///< file with a line a job
    std::string folder;           ///< for what the jobs print; empty: beside the study file
    std::filesystem::path study;  ///< the study file, from the root
    std::optional<std::uint64_t> most_failures;
    JobLimits defaults;
};

[[nodiscard]] std::vector<study::KeyTable> jobs_tables();

/// What keys of [run] mean to jobs.
[[nodiscard]] std::vector<study::KeyDoc> run_keys_of_jobs();

[[nodiscard]] std::vector<std::string> jobs_problems(study::Config const& config);

/// What [defaults] say.
[[nodiscard]] JobLimits job_defaults(study::Config const& config);

[[nodiscard]] JobsOptions jobs_options(study::Config const& config);

/// The folder for what the jobs print, from the root.
[[nodiscard]] std::filesystem::path output_folder(JobsOptions const& options, JobList const& list);

/// [defaults] as limits of the engine, with what a job says of itself over them.
[[nodiscard]] study::OwnLimits limits_of(JobLimits const& own, JobLimits const& defaults);

}  // namespace vaster::service
