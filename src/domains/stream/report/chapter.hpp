#pragma once

#include "core/report/chapter.hpp"

namespace vaster::stream {

/// Streams: what jobs made of them and how fast, latencies by rate, peaks beside those that were published,
/// backlogs of loads that were not sustained, more workers, errors with examples.
void add_stream_sections(report::Chapter& chapter, store::Reader const& study);

}  // namespace vaster::stream
