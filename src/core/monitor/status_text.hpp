#pragma once

#include <string>

#include "core/monitor/run_state.hpp"

/// A run's state as texts for machines and people. Pure: the same state gives the same bytes.
namespace vaster::monitor {

/// One JSON object: study, phase, times, counts, attempts by outcome, ranks, last failures and notices.
[[nodiscard]] std::string status_json(RunState const& state);

/// Prometheus text exposition format 0.0.4, for the textfile collector of node_exporter. All names begin with
/// vaster_; every sample has the label study.
[[nodiscard]] std::string metrics_text(RunState const& state);

/// One self-contained HTML page that asks the browser to load it again while the run lasts: progress, ranks,
/// failures with reasons, timeline of the ranks, results so far. Needs no script and no network.
[[nodiscard]] std::string status_page(RunState const& state);

}  // namespace vaster::monitor
