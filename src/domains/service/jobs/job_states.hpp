#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/service/jobs/job.hpp"

namespace vaster::service {

enum class JobState {
    done,
    running,
    cut_off,  ///< was running when the run was killed; nobody writes the study now
    pending,
    waiting,  ///< for others to be done
    failed,
    cancelled,
    skipped,  ///< one that it comes after has failed, was cancelled or skipped
};

constexpr std::size_t n_job_states = 8;

/// "done" and its like.
[[nodiscard]] std::string const& name_of(JobState state);

/// How a job stands.
struct JobRecord {
    JobState state = JobState::pending;
    std::string reason;              ///< of the last three
    std::optional<std::size_t> row;  ///< in the study file; nothing: not planned yet
};

/// How all jobs of a study stand, in their order. @param is_written  a run goes on: somebody holds its lock
[[nodiscard]] std::vector<JobRecord> states_of(JobList const& list, store::Reader const& study,
                                               bool is_written);

/// Number of jobs by state.
[[nodiscard]] std::array<std::size_t, n_job_states> counts_of(std::vector<JobRecord> const& records);

/// The newest files of what a job has printed, without .out and .err; empty: there are none.
[[nodiscard]] std::string last_log(std::filesystem::path const& folder, Job const& job);

}  // namespace vaster::service
