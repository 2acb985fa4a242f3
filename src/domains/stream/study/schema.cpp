#include "domains/stream/study/schema.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/core.h>

#include "domains/stream/study/shown_columns.hpp"
#include "vaster/study/label.hpp"

namespace vaster::stream {
namespace {

using study::ElementType;
using study::Nature;

constexpr std::uint32_t name_width = 32;
constexpr std::uint32_t stream_width = 120;
constexpr std::uint32_t hash_width = 32;
constexpr std::uint32_t error_width = 120;

std::vector<Shown<Design>> const& design_columns() {
    static std::vector<Shown<Design>> const columns{
        {&Design::job, "job", "task by its code; empty: split", Nature::result, name_width},
        {&Design::step, "step",
         "split: of a large stream into lines by partition; run: of a partition; piece: of a range of "
         "records "
         "in the output; merge: of the outputs of all partitions",
         Nature::result, name_width},
        {&Design::stream, "stream", "its first file, and how many there are", Nature::result, stream_width},
        {&Design::partition, "partition",
         "part of the sensors, from 0; -1: all of them; split: number of the file; piece: of the range"},
        {&Design::partitions, "partitions", "how many there are"},
        {&Design::mode, "mode", "how records come: results", Nature::result, name_width},
        {&Design::repeat, "repeat", "which time it is run, from 0"},
        {&Design::profile, "profile", "corrected, or published: with the errors of the published system",
         Nature::result, name_width},
        {&Design::parts, "parts",
         "merge: hash over the files of the partitions, and the pieces; run of PRED with the models of "
         "TRAIN: output hash of "
         "that",
         Nature::result, hash_width},
    };
    return columns;
}

/// Behind these where the stream is scaled, so that other studies are as they were before there were scales.
/// The first one is a whole number; that of what studies of loads have behind it is none.
std::vector<Shown<Design>> const& scale_columns() {
    static std::vector<Shown<Design>> const columns{
        {&Design::scale_space, "scale_space", "each record is there so often, with the copies of its sensor"},
        {&Design::scale_time, "scale_time", "times are divided by it"},
    };
    return columns;
}

std::vector<Shown<Outcomes>> const& outcome_columns() {
    static std::vector<Shown<Outcomes>> const columns{
        {&Outcomes::records_in, "records_in",
         "records: good and broken; broken ones have no sensor and are counted in partition 0"},
        {&Outcomes::good, "good", "records without a fault of their own"},
        {&Outcomes::broken, "broken", "records with a fault: they touch nothing and yield nothing"},
        {&Outcomes::inputs, "inputs", "what the task took in: observations or records"},
        {&Outcomes::gave, "gave", "inputs that gave output"},
        {&Outcomes::none, "none", "inputs taken in, with nothing to say yet"},
        {&Outcomes::filtered, "filtered", "inputs refused as the task's rule says"},
        {&Outcomes::missing, "missing", "missing values that gave nothing"},
        {&Outcomes::bad, "bad", "observations that are not numbers"},
        {&Outcomes::absent, "absent", "fields that records did not have: no inputs"},
        {&Outcomes::unmatched, "unmatched",
         "inputs for which a table had nothing; of PRED those for which there was no model"},
        {&Outcomes::unfilled, "unfilled", "missing values for which there was nothing to put in their place"},
        {&Outcomes::pending, "pending", "observations in windows that were not full at the end"},
        {&Outcomes::errors, "errors", "broken records and bad observations"},
        {&Outcomes::out_of_order, "out_of_order",
         "records older than the one before of their sensor; of a block of a stream on the disk: within it"},
        {&Outcomes::records_out, "records_out", "rows of output"},
        {&Outcomes::selectivity, "selectivity", "rows of output for each input"},
        {&Outcomes::keys, "keys", "sensors that had a record"},
        {&Outcomes::largest_key_share, "largest_key_share",
         "share of good records that the sensor with most of them has"},
        {&Outcomes::bytes_in, "bytes_in", "text of the good records [bytes]"},
        {&Outcomes::bytes_out, "bytes_out", "output [bytes]"},
        {&Outcomes::state_bytes, "state_bytes", "states at the end [bytes]"},
        {&Outcomes::output_hash, "output_hash", "128-bit XXH3 of the output", Nature::result, hash_width},
        {&Outcomes::file_hash, "file_hash",
         "split: of the file; run: of the file with the partition's rows and states; piece: over these; "
         "merge: of the file with all states; empty: none is kept",
         Nature::result, hash_width},
        {&Outcomes::first_error, "first_error", "kind and place of the first fault", Nature::result,
         error_width},
        {&Outcomes::seconds, "seconds", "time that it took, all in all [s]", Nature::timing},
        {&Outcomes::parse_seconds, "parse_seconds",
         "of these for taking records apart, from a sample of them [s]", Nature::timing},
        {&Outcomes::task_seconds, "task_seconds", "of these in the task, from the same sample [s]",
         Nature::timing},
        {&Outcomes::write_seconds, "write_seconds", "of these for sorting and writing output [s]",
         Nature::timing},
        {&Outcomes::cpu_seconds, "cpu_seconds", "time of the processor [s]", Nature::timing},
        {&Outcomes::throughput, "throughput", "good records a second [1/s]", Nature::timing},
        {&Outcomes::input_rate, "input_rate", "text of good records a second [MB/s]", Nature::timing},
    };
    return columns;
}

/// Behind these; older files lack them. As with scale_columns(), the first one is a whole number.
std::vector<Shown<Outcomes>> const& truth_columns() {
    static std::vector<Shown<Outcomes>> const columns{
        {&Outcomes::truth_rows, "truth_rows",
         "rows that were compared with what is known of a made-up stream (DAC, KAL, MLT); 0: nothing is"},
        {&Outcomes::truth_error, "truth_error",
         "their relative error, a root mean square: DAC of the number of sensors, KAL of the values without "
         "noise, MLT of the coefficients"},
    };
    return columns;
}

/// Are there cells of columns that not every file has, the first of which is a whole number?
bool has_late(study::Cells const& cells, std::size_t n_before) {
    return cells.size() > n_before && std::holds_alternative<std::int64_t>(cells[n_before]);
}

template <class Row>
void append_columns(std::vector<study::Column>& columns, std::vector<Shown<Row>> const& shown) {
    for (auto& column : columns_of(shown)) columns.push_back(std::move(column));
}

/// Ends of edges that are not jobs, or need not be.
constexpr std::array<std::string_view, 4> other_nodes{"source", "ATR", "JOIN", "ERROR"};

std::vector<std::string> node_labels() {
    std::vector<std::string> labels(other_nodes.begin(), other_nodes.end());
    for (auto const& kind : task_kinds())
        if (std::find(labels.begin(), labels.end(), kind.code) == labels.end())
            labels.emplace_back(kind.code);
    return labels;
}

std::int32_t node_number(std::string_view node) {
    auto const labels = node_labels();
    auto const found = std::find(labels.begin(), labels.end(), node);
    if (found == labels.end()) throw std::logic_error(fmt::format("no node is called {}", node));
    return static_cast<std::int32_t>(found - labels.begin());
}

std::vector<std::string> fault_labels() {
    std::vector<std::string> labels;
    labels.reserve(n_faults);
    for (std::size_t i = 0; i < n_faults; ++i) labels.emplace_back(name_of(static_cast<Fault>(i)));
    return labels;
}

}  // namespace

study::Schema stream_schema(bool is_scaled) {
    study::Schema schema;
    schema.design = columns_of(design_columns());
    if (is_scaled) append_columns(schema.design, scale_columns());
    schema.results = columns_of(outcome_columns());
    append_columns(schema.results, truth_columns());
    schema.arrays = {{.name = "faults",
                      .fields = {{"record", ElementType::int64},
                                 {"offset", ElementType::int64},
                                 {"kind", ElementType::int32, "fault_kinds"}},
                      .extent = study::Extent::fixed,
                      .shape = {FaultLog::n_kept},
                      .doc =
                          "the first broken records and observations: number and byte offset of the record "
                          "over the whole stream, and kind; -1: no more"}};
    schema.arrays.push_back({.name = "edges",
                             .fields = {{"from", ElementType::int32, "nodes"},
                                        {"to", ElementType::int32, "nodes"},
                                        {"in", ElementType::int64},
                                        {"out", ElementType::int64},
                                        {"none", ElementType::int64},
                                        {"error", ElementType::int64}},
                             .extent = study::Extent::ragged,
                             .shape = {},
                             .doc = "messages that the task at the end of each edge took in, gave for them, "
                                    "had nothing to say of, and could not use"});
    schema.labels = {{"fault_kinds", fault_labels()},
                     {"nodes", node_labels()},
                     {study::label_columns,
                      {"job", "step", "stream", "partition", "repeat", "scale_space", "scale_time",
                       "offered_rate", "arrivals", "workers"}}};
    return schema;
}

study::Cells cells_of(Design const& design) {
    auto cells = cells_by(design_columns(), design);
    bool const is_scaled = design.scale_time != 1 || design.scale_space != 1;
    if (is_scaled) append_cells(cells, scale_columns(), design);
    return cells;
}

Design design_of(study::Cells const& cells) {
    Design design;
    read_row(design, design_columns(), cells);
    auto const n = design_columns().size();
    if (has_late(cells, n)) read_row(design, scale_columns(), cells, n);
    return design;
}

std::size_t n_design_cells(study::Cells const& cells) {
    auto const n = design_columns().size();
    return has_late(cells, n) ? n + scale_columns().size() : n;
}

study::Cells cells_of(Outcomes const& outcomes) {
    auto cells = cells_by(outcome_columns(), outcomes);
    append_cells(cells, truth_columns(), outcomes);
    return cells;
}

Outcomes outcomes_of(study::Cells const& cells) {
    Outcomes outcomes;
    read_row(outcomes, outcome_columns(), cells);
    auto const n = outcome_columns().size();
    if (has_late(cells, n)) read_row(outcomes, truth_columns(), cells, n);
    return outcomes;
}

std::size_t n_outcome_cells(study::Cells const& cells) {
    auto const n = outcome_columns().size();
    return has_late(cells, n) ? n + truth_columns().size() : n;
}

std::vector<std::uint8_t> packed(std::vector<Edge> const& edges) {
    std::vector<std::uint8_t> bytes;
    for (auto const& edge : edges) {
        append(bytes, node_number(edge.from));
        append(bytes, node_number(edge.to));
        for (auto const count : {edge.in, edge.out, edge.none, edge.error})
            append(bytes, static_cast<std::int64_t>(count));
    }
    return bytes;
}

std::vector<std::uint8_t> packed(std::vector<FaultLog::Entry> const& faults) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < FaultLog::n_kept; ++i) {
        bool const there = i < faults.size();
        append(bytes, there ? static_cast<std::int64_t>(faults[i].record) : std::int64_t{-1});
        append(bytes, there ? static_cast<std::int64_t>(faults[i].offset) : std::int64_t{-1});
        append(bytes, there ? static_cast<std::int32_t>(faults[i].fault) : std::int32_t{-1});
    }
    return bytes;
}

}  // namespace vaster::stream
