#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/service/jobs/job.hpp"
#include "domains/service/jobs/keeper.hpp"

namespace vaster::service {

/// What one attempt at a job is given.
struct AttemptOrder {
    JobList const& list;
    Job const& job;
    std::uint32_t attempt = 1;
    std::filesystem::path const& folder;  ///< for what it prints
    std::uint64_t memory_bytes = 0;
    std::vector<int> const& no_retry_codes;
    std::size_t result_bytes = 0;  ///< for which the study file has room: of operations without an output
};

/// What a job has yielded that succeeded.
struct JobResult {
    double seconds = 0;
    double cpu_seconds = 0;
    std::uint64_t peak_rss_bytes = 0;
    std::string outputs_hash;  ///< as hash_of_outputs()
    std::uint64_t output_bytes = 0;
    std::string log;    ///< what it has printed: LOG.out and LOG.err in the folder
    std::string table;  ///< of an operation without an output
};

/// Runs commands and table operations in this process's name. One keeper serves all of its commands.
class Attempts {
  public:
    /// @throws study::TransientError for a command that ended with another code than 0 or by a signal
    /// @throws DataError, IoError where trying again would do the same: a program that is not there, a
    /// command that left processes behind, an input that is not as it was, an output that is not there
    [[nodiscard]] JobResult run(AttemptOrder const& order);

  private:
    /// A file that has been hashed, and how it looked then.
    struct Hashed {
        std::uint64_t bytes = 0;
        std::int64_t changed = 0;  ///< [ns]
        std::string hash;
    };

    void check_inputs(JobList const& list, Job const& job);
    std::string const& hash_of(std::string const& path);

    std::optional<Keeper> keeper_;
    std::map<std::string, Hashed> hashed_;  ///< by path: many jobs may read one file
};

/// Of one output the 128-bit XXH3 of its bytes; of several that of their hashes and paths, a line each; of
/// none an empty text. @throws DataError for an output that is not there
[[nodiscard]] std::string hash_of_outputs(JobList const& list, Job const& job);

}  // namespace vaster::service
