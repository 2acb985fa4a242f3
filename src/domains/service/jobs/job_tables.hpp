// The [[job]] tables of a TOML text as they are written, before placeholders are filled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/service/jobs/foreach.hpp"
#include "domains/service/jobs/job.hpp"

namespace vaster::service {

/// One [[job]]: a job, or one for each choice of foreach. Texts are templates.
struct JobBlock {
    std::string where;  ///< "jobs.toml:7", for messages
    Job job;            ///< without number and hashes
    std::vector<std::string> inputs;
    std::vector<std::string> after;            ///< names, or patterns of names
    std::optional<std::string> foreach_table;  ///< a CSV file
    std::vector<ForeachList> foreach_lists;
    bool named = false;  ///< it has a name of its own
};

/// Reads all of them. @param problems  what is wrong is appended, with file and line
[[nodiscard]] std::vector<JobBlock> read_blocks(std::string const& text, std::string const& path,
                                                std::vector<std::string>& problems);

}  // namespace vaster::service
