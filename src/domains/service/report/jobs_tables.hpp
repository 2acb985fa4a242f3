#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/report/tables.hpp"
#include "core/store/reader.hpp"
#include "domains/service/jobs/job.hpp"
#include "domains/service/jobs/job_states.hpp"

// The numbers of studies of jobs.
namespace vaster::service {

/// A study of jobs as it stands, with all that its tables are counted from.
struct JobsStanding {
    /// @param printed  folder in which the jobs have left what they printed
    JobsStanding(store::Reader const& study, JobList jobs, std::filesystem::path printed);

    JobList list;
    std::vector<JobRecord> records;   ///< of each job
    std::vector<std::int64_t> tries;  ///< attempts at each job that was done or given up; else 0
    std::vector<std::size_t> of_row;  ///< the job of each row of the study file
    report::Table attempts;           ///< report::attempts_table()
    std::filesystem::path folder;     ///< may be gone
};

/// How many jobs are in which state; states without any are left out.
[[nodiscard]] report::Table job_states_table(JobsStanding const& now);

/// The same for each block of jobs (a [[job]] of the file), in order of the file.
[[nodiscard]] report::Table job_blocks_table(JobsStanding const& now);

/// Jobs that came to no result, with the reason; in order of the jobs.
[[nodiscard]] report::Table unfinished_jobs_table(JobsStanding const& now);

/// How many jobs took how many attempts.
[[nodiscard]] report::Table job_tries_table(JobsStanding const& now);

/// Attempts that did not end well, by outcome and reason, the most frequent first.
[[nodiscard]] report::Table job_troubles_table(JobsStanding const& now);

/// The last attempts, as many as a picture can show: which job, on which rank, from when to when.
[[nodiscard]] report::Table job_spans_table(JobsStanding const& now);

/// For each of the first failed jobs its command, its reason and the end of what its last attempt printed:
/// from the files in the folder, or, where they are gone, what the study file has kept of it.
/// @param most  so many jobs
[[nodiscard]] std::string last_words(JobsStanding const& now, std::size_t most);

}  // namespace vaster::service
