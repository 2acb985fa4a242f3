#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/records/record.hpp"
#include "domains/stream/study/options.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::stream {

/// The columns that tell experiments apart.
struct Design {
    std::string job;
    std::string step;  ///< "split" of a large stream, "run" of a partition, "piece" of a job's output, or
                       ///< "merge" of all of it
    std::string stream;
    std::int64_t partition = 0;  ///< -1: merge; split: number of the file; piece: of the range of records
    std::int64_t partitions = 1;
    std::string mode;
    std::int64_t repeat = 0;
    std::string profile;
    std::string parts;  ///< what it is made from. merge: hash over those of the parts, and of the pieces if
                        ///< there are any; run of a job that uses the models of another: output hash of that
                        ///< one; else empty
    std::int64_t scale_space = 1;
    double scale_time = 1;
};

inline constexpr std::string_view step_split = "split";
inline constexpr std::string_view step_run = "run";
inline constexpr std::string_view step_piece = "piece";
inline constexpr std::string_view step_merge = "merge";

/// What an experiment yields: a row of /records.
struct Outcomes {
    std::int64_t records_in = 0;
    std::int64_t good = 0;
    std::int64_t broken = 0;
    std::int64_t inputs = 0;
    std::int64_t gave = 0;
    std::int64_t none = 0;
    std::int64_t filtered = 0;
    std::int64_t missing = 0;
    std::int64_t bad = 0;
    std::int64_t absent = 0;
    std::int64_t unmatched = 0;
    std::int64_t unfilled = 0;
    std::int64_t pending = 0;
    std::int64_t errors = 0;
    std::int64_t out_of_order = 0;
    std::int64_t records_out = 0;
    double selectivity = 0;
    std::int64_t keys = 0;
    double largest_key_share = 0;
    std::int64_t bytes_in = 0;
    std::int64_t bytes_out = 0;
    std::int64_t state_bytes = 0;
    std::string output_hash;
    std::string file_hash;
    std::string first_error;
    double seconds = 0;
    double parse_seconds = 0;
    double task_seconds = 0;
    double write_seconds = 0;
    double cpu_seconds = 0;
    double throughput = 0;
    double input_rate = 0;
    std::int64_t truth_rows = 0;
    double truth_error = std::numeric_limits<double>::quiet_NaN();
};

/// @param is_scaled  are there copies of records, or other times in them? Their columns then are there, too
[[nodiscard]] study::Schema stream_schema(bool is_scaled);

/// Those of the scale are there where one of its numbers is not 1.
[[nodiscard]] study::Cells cells_of(Design const& design);
/// What older files lack is as in a Design of its own.
[[nodiscard]] Design design_of(study::Cells const& cells);
/// How many of a row's first cells are those of its Design.
[[nodiscard]] std::size_t n_design_cells(study::Cells const& cells);

[[nodiscard]] study::Cells cells_of(Outcomes const& outcomes);
/// As design_of().
[[nodiscard]] Outcomes outcomes_of(study::Cells const& cells);
/// How many of a row's first cells are those of its Outcomes.
[[nodiscard]] std::size_t n_outcome_cells(study::Cells const& cells);

/// The array `edges`: messages on the edges of a dataflow; of a task that stands alone, its only edge.
[[nodiscard]] std::vector<std::uint8_t> packed(std::vector<Edge> const& edges);

/// The array `faults`: the first broken records and observations.
[[nodiscard]] std::vector<std::uint8_t> packed(std::vector<FaultLog::Entry> const& faults);

}  // namespace vaster::stream
