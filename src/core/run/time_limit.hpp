#pragma once

namespace vaster::run {

/// Seconds until the end of a Slurm job, less ten for leaving: 0 when less is left, infinite without a job.
/// @param job_end  SLURM_JOB_END_TIME, in seconds since 1970; null or not a number: there is no job
/// @param now      wall_seconds()
[[nodiscard]] double seconds_until_job_ends(char const* job_end, double now);

/// How long a run may still take. @return [s], at least 0; infinite when nothing limits it
/// @param limit    run.max_time [s]; 0: none
/// @param elapsed  since the program began [s]
/// @param until_job_ends  as above
[[nodiscard]] double seconds_to_run(double limit, double elapsed, double until_job_ends);

}  // namespace vaster::run
