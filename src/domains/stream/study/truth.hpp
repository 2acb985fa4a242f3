#pragma once

#include <cstddef>
#include <cstdint>

#include "domains/stream/study/partition.hpp"

namespace vaster::stream {

/// How far the rows of a job are from the truth.
struct TruthError {
    std::int64_t rows = 0;  ///< that were compared; 0: the truth is not known
    double error = 0;       ///< relative, a root mean square; NaN: the truth is not known
};

/// What is known of a made-up stream (SourceOptions::made_up), against the rows that a job has given for a
/// partition of it, in Output::Form::csv:
/// - DAC: sqrt(mean((e - n)^2 / n^2)) over its rows; n sensors are truly among the good records so far.
/// - KAL: sqrt(sum (e - t)^2 / sum t^2) over its rows; t is the field's value without its noise and its
/// faults.
/// - MLT: sqrt(mean over models of sum (b - c)^2 / sum c^2); c are the coefficients that the target is made
///   with, 0 for other attributes. Known when the target is DataSet::Truth's, and all of its terms are there.
/// All others, and streams that go on from other ones: not known.
[[nodiscard]] TruthError truth_error(Options const& options, Source const& source, std::size_t job,
                                     PartitionResult const& result);

}  // namespace vaster::stream
