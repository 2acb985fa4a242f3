#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/study/part_file.hpp"
#include "domains/stream/study/partition.hpp"
#include "domains/stream/study/source.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::stream {

/// Is anything of a partition kept in a file, to be merged later?
[[nodiscard]] bool keeps_parts(Options const& options);

/// Why a partition is not run; empty: it is. The first one always is, so that a stream without records has a
/// row of results, too.
[[nodiscard]] std::string skip_reason_of(Options const& options, Source const& source, std::size_t job,
                                         std::uint64_t partition);

/// Keeps what a partition has left, for the merge: rows, if outputs are kept, and states.
/// @returns content hash of the file; "" where nothing was left: then there is none. @throws IoError
std::string keep_part(Options const& options, std::filesystem::path const& path,
                      PartitionResult const& result);

/// A hash over those of the parts of a job, in the order of the partitions.
/// @param hashes  of partitions that have left something
[[nodiscard]] std::string hash_of_parts(std::vector<std::string> const& hashes);

/// What a job has left when all its partitions were brought together.
struct MergeResult {
    Merged output;           ///< hash empty: no outputs are kept
    std::string state_hash;  ///< of the file with the states; empty: none is kept
    std::uint64_t state_bytes = 0;
};

/// Brings the parts of a job together: its output in the order of the records, and its states in that of the
/// sensors. A part that is lost or damaged is computed again.
/// @param parts  hash_of_parts() that the results of the partitions say
/// @throws DataError when the parts are others; IoError; Cancelled
[[nodiscard]] MergeResult merge_job(Options const& options, Source const& source, std::size_t job,
                                    std::string_view parts, Watcher& watcher);

}  // namespace vaster::stream
