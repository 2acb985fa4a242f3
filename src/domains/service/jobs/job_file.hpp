#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domains/service/jobs/job.hpp"

namespace vaster::service {

/// More jobs than this are refused: their list would no longer fit well into the study file.
constexpr std::size_t most_jobs = 1'000'000;

/// Reads the [[job]] tables of a TOML text, fills placeholders, finds what each job waits for, and hashes the
/// files that jobs read.
/// @param path       of the file, for messages
/// @param directory  absolute: where the jobs run
/// @throws ConfigError that lists all problems at once: keys that there are not, a name twice, a ring of jobs
/// that wait for each other, a program or a file that is not there
[[nodiscard]] JobList read_jobs(std::string const& text, std::string const& path,
                                std::filesystem::path const& directory);

/// The problems that read_jobs() would throw.
[[nodiscard]] std::vector<std::string> problems_of_jobs(std::string const& text, std::string const& path,
                                                        std::filesystem::path const& directory);

/// A job for each line of a list, by one command for the shell in which {} is the line.
/// @param path  of the list, a line a job; empty lines do not count
[[nodiscard]] JobList jobs_of_lines(std::string const& command, std::filesystem::path const& path,
                                    std::filesystem::path const& directory);

/// study.output where the text gives it; else empty. @throws ConfigError for a text that is not TOML,
/// and for one that has [[jobs]]
[[nodiscard]] std::string output_in(std::string const& text, std::string const& path);

/// 128-bit XXH3 of what is in a file. @throws IoError
[[nodiscard]] std::string hash_of_file(std::filesystem::path const& path);

}  // namespace vaster::service
