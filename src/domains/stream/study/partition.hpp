#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domains/stream/study/part_file.hpp"
#include "domains/stream/study/schema.hpp"
#include "domains/stream/study/source.hpp"
#include "domains/stream/tasks/yield.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::stream {

/// What a job has made of a partition.
struct PartitionResult {
    Outcomes outcomes;  ///< all but file_hash, write_seconds and what follows from seconds
    std::vector<FaultLog::Entry> faults;
    std::vector<Edge> edges;
    Output output;
    std::vector<KeptState> states;  ///< in byte order of the sensors
};

/// Time of the processor that this process has used so far [s].
[[nodiscard]] double processor_seconds();

/// Puts what a task has counted into its place.
void put(Tally const& tally, Outcomes& outcomes);

/// @throws std::logic_error when not every input came to something
void check_balance(TaskKind const& kind, Tally const& tally);

/// "bad_json: record 12, byte 3456"
[[nodiscard]] std::string text_of(FaultLog::Entry const& fault);

/// What a task's graph looks like: the edges of a dataflow; of a task that stands alone, the only one.
[[nodiscard]] std::vector<Edge> edges_of(Task const& task, TaskKind const& kind, Yield const& yield);

/// Lets a job take the records of one of its partitions, in their order. What comes out depends on the
/// stream, the job and the partition alone.
/// @param job     place in Options::jobs
/// @param repeat  which time it is run; each time writes into a folder of its own, if it writes at all
/// @param models  output hash of the job that trains for this one, see trainer_of(); empty: not known. Models
/// that are not there, or not those, are trained again.
/// @param memory  the job's rows of another partition, of no more use: where those of this one are written.
/// New memory for them costs as much as to write them down.
/// @throws DataError, IoError of the task; std::logic_error when its counts are not balanced; Cancelled
[[nodiscard]] PartitionResult run_partition(Options const& options, Source const& source, std::size_t job,
                                            std::uint64_t partition, std::uint64_t repeat, Watcher& watcher,
                                            std::string_view models = {}, std::optional<Output> memory = {});

}  // namespace vaster::stream
