#pragma once

#include "core/report/tables.hpp"
#include "core/store/reader.hpp"

// The numbers of studies of modes rate and peak (docs/stream/rates.md). Percentiles of several parts are
// those of their histograms added up. Studies of mode results have tables without rows.
namespace vaster::stream {

/// A load: a job at a rate over all of its parts, or the search for a job's peak with so many workers.
[[nodiscard]] report::Table loads_table(store::Reader const& study);

/// Every load that a search or a part has tried, in order.
[[nodiscard]] report::Table trials_table(store::Reader const& study);

/// How many records had a latency, and a service, between two durations, by load; buckets without any are
/// left out.
[[nodiscard]] report::Table latencies_table(store::Reader const& study);

/// The backlog of each trial, each 100 ms.
[[nodiscard]] report::Table backlog_table(store::Reader const& study);

}  // namespace vaster::stream
