#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/study/merged_file.hpp"
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

/// The ranges of records that the output of a job is merged in; one where no outputs are kept.
[[nodiscard]] RecordRanges merge_ranges(Options const& options, Source const& source, std::size_t job);

/// Keeps what a partition has left, for the merge: rows, if outputs are kept, and states.
/// @param ranges  merge_ranges() of the job
/// @returns content hash of the file; "" where nothing was left: then there is none. @throws IoError
std::string keep_part(Options const& options, std::filesystem::path const& path,
                      PartitionResult const& result, RecordRanges const& ranges);

/// A hash over those of the parts of a job, in the order of the partitions; or over that one and those of the
/// pieces of its output, in the order of the ranges.
/// @param hashes  of partitions that have left something
[[nodiscard]] std::string hash_of_parts(std::vector<std::string> const& hashes);

/// What has come of a range of records of a job.
struct PieceResult {
    Piece piece;
    std::string parts;  ///< hash_of_parts() of the parts that it was made from; empty: one was damaged
};

/// Puts the rows of a range of records to their place in the output of a job, see write_piece(). It makes no
/// part again: where one is not as it was, merge_job() brings all of them together itself.
/// @throws IoError; Cancelled
[[nodiscard]] PieceResult merge_range(Options const& options, Source const& source, std::size_t job,
                                      std::uint64_t range, Watcher& watcher);

/// What a job has left when all its partitions were brought together.
struct MergeResult {
    Merged output;           ///< hash empty: no outputs are kept
    std::string state_hash;  ///< of the file with the states; empty: none is kept
    std::uint64_t state_bytes = 0;
};

/// Brings the parts of a job together: its output in the order of the records, and its states in that of the
/// sensors. A part that is lost or damaged is computed again, and so is the output where pieces of it are.
/// @param wanted  hash_of_parts() that the results of the partitions say, and those of the pieces, if there
/// are any
/// @throws DataError when the parts are others; IoError; Cancelled
[[nodiscard]] MergeResult merge_job(Options const& options, Source const& source, std::size_t job,
                                    std::string_view wanted, Watcher& watcher);

}  // namespace vaster::stream
