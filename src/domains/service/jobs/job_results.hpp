#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/service/jobs/job.hpp"
#include "domains/service/jobs/job_states.hpp"

namespace vaster::service {

/// The job that a number or a name means. @throws DataError with the nearest name
[[nodiscard]] Job const& job_called(JobList const& list, std::string const& called);

/// Which jobs numbers, names and patterns of names mean, by place in the list. @param called  empty: all
/// @throws DataError for what means none
[[nodiscard]] std::vector<bool> jobs_called(JobList const& list, std::vector<std::string> const& called);

/// Writes the tables that a study keeps of operations without an output as one CSV table, in order of the
/// jobs: number and name of the job, and what stands in its table.
/// @param records  as states_of()
/// @param wanted   as jobs_called()
/// @return  how many of these operations have not been done
/// @throws DataError when no such operation is wanted, and for tables with different columns
[[nodiscard]] std::size_t write_kept_tables(JobList const& list, std::vector<JobRecord> const& records,
                                            store::Reader const& study, std::vector<bool> const& wanted,
                                            std::ostream& out);

}  // namespace vaster::service
