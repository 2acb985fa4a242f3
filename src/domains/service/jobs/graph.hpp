#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domains/service/jobs/job.hpp"

namespace vaster::service {

/// For each job the longest chain of jobs that must be done before it: 0 for one that need not wait.
struct Levels {
    std::vector<std::size_t> of_job;  ///< by position
    std::vector<std::string> cycle;   ///< names of jobs that wait for each other, in a ring; empty: none
};

[[nodiscard]] Levels levels_of(std::vector<Job> const& jobs);

}  // namespace vaster::service
