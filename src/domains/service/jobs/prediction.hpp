// Predictions as jobs: `vaster predict` of this program, run as a command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domains/service/jobs/job.hpp"
#include "domains/service/jobs/keeper.hpp"

namespace vaster::service {

/// The files that a prediction makes: NAME.csv, NAME-csmf.csv and NAME.json. @param output  NAME.csv; nothing
/// is made of another name
[[nodiscard]] std::vector<std::string> files_of_prediction(std::string const& output);

/// What is wrong with the flags that a job gives; empty: nothing. Those by which the job itself says what is
/// made, and where it runs, are refused.
[[nodiscard]] std::string refused_flag(std::vector<std::string> const& flags);

/// The command of a prediction.
/// @param base  absolute, of what it makes: BASE.h5, BASE.csv and the others, of which there is none yet
/// @param memory_bytes  of each of its processes
[[nodiscard]] Launch launch_of_prediction(JobList const& list, Job const& job,
                                          std::filesystem::path const& base, std::uint64_t memory_bytes);

/// A prediction that ended with this code would end like that again.
[[nodiscard]] bool is_final_code_of_prediction(int code);

/// What it has said at last, from its error output: for messages. Empty: nothing.
[[nodiscard]] std::string last_words(std::filesystem::path const& error_output);

/// Brings what a prediction has made to where the job says, each file at once. Its study file stays.
/// @throws DataError where something else than a file is in the way; IoError
void place_prediction(JobList const& list, Job const& job, std::filesystem::path const& base);

/// @throws DataError for an output that exists and is not a file: it would be lost
void refuse_what_is_no_file(std::filesystem::path const& path);

}  // namespace vaster::service
