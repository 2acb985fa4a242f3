#pragma once

#include <memory>
#include <string>

#include "domains/service/jobs/job.hpp"
#include "domains/service/jobs/jobs_options.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/study.hpp"

namespace vaster::service {

inline constexpr char const* jobs_kind_name = "jobs";

/// The kind "jobs": commands and table operations, each an experiment. A job that comes after others is
/// planned once they are done; where one of them fails it is never planned, and so goes on by itself when
/// that one succeeds in a later run.
[[nodiscard]] std::unique_ptr<study::Kind> make_jobs();

/// Reads the jobs that the options name; they are to run in the current folder. @throws ConfigError, IoError
[[nodiscard]] JobList jobs_named_in(JobsOptions const& options);

/// The jobs that a study file keeps. @throws DataError
[[nodiscard]] JobList kept_jobs(study::KeptData const& kept);

/// Column of the design that holds the job's number.
inline constexpr std::size_t number_column = 0;

/// Columns of the results.
enum class ResultColumn : std::size_t {
    outputs_hash,
    output_bytes,
    seconds,
    cpu_seconds,
    log,
    table,  ///< only where some operation has no output: what it would have written there
};

}  // namespace vaster::service
