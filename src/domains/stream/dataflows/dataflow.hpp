#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "domains/stream/tasks/task.hpp"

/// Graphs of tasks. What travels on their edges are messages; the observations of a record stay together in
/// memory, but outputs and counts are as if each had travelled.
namespace vaster::stream {

/// What became of the messages on one edge of a graph.
struct Edge {
    std::string_view from;  ///< task by its code; "source"
    std::string_view to;
    std::uint64_t in = 0;     ///< messages that the task at the end of the edge took in
    std::uint64_t out = 0;    ///< messages that it gave for them
    std::uint64_t none = 0;   ///< messages that gave nothing: taken in, filtered, or missing
    std::uint64_t error = 0;  ///< messages with a number that is none
};

/// A graph of tasks that takes records as a task does.
class Dataflow : public Task {
  public:
    /// All edges in a fixed order.
    [[nodiscard]] virtual std::vector<Edge> edges() const = 0;
};

/// ETL: observations out of their range become missing (RGF), records of unknown sensors are dropped (BLF),
/// missing observations are interpolated (INP), and the record is joined and annotated (ANN).
[[nodiscard]] TaskKind etl_dataflow();

/// STATS: AVG, and KAL -> SLR, of each observed field.
[[nodiscard]] TaskKind stats_dataflow();

/// TRAIN: of each window of event time a linear model (MLT) and a tree of quartile classes (CLS -> DTT), kept
/// in files.
[[nodiscard]] TaskKind train_dataflow();

/// PRED: each record by the models of the latest window that ends before it, and the error relative to the
/// last full block average of the target.
[[nodiscard]] TaskKind predict_dataflow();

/// All dataflows, by code.
[[nodiscard]] std::vector<TaskKind> const& dataflow_kinds();

}  // namespace vaster::stream
