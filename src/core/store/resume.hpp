#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/store/verify.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::store {

/// What becomes of rows that failed in an earlier run.
enum class FailedRows {
    keep,
    retry,  ///< where a plan grows, those of its last stage: later stages were planned from the others
    retry_all_stages,
};

/// What a study file holds when work goes on.
struct Resumed {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;  ///< that stay failed
    std::uint64_t closed = 0;  ///< of them, because a later stage was planned from them
    std::uint64_t skipped = 0;
    std::uint64_t retried = 0;  ///< failed before, pending now
    std::vector<BadRow> torn;   ///< rows of /records that did not hold: pending now, computed again
    std::vector<study::ExperimentIndex> pending;  ///< in order
};

/// Makes a file that an earlier run left ready to go on: only rows whose checksums hold, arrays included,
/// stay committed; everything else is pending again. Call it on rank 0 alone, under the StudyLock, before any
/// other process writes.
/// @param again  rows that are pending again although they hold
/// @throws DataError when data that the file keeps are damaged
/// @throws DataError, IoError as Reader and Writer do
[[nodiscard]] Resumed prepare_resume(std::filesystem::path const& path, FailedRows failed_rows,
                                     std::vector<study::ExperimentIndex> const& again = {});

}  // namespace vaster::store
