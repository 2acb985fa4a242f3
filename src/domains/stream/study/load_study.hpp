#pragma once

#include <memory>

#include "domains/stream/study/options.hpp"
#include "domains/stream/study/source.hpp"
#include "vaster/study/study.hpp"

namespace vaster::stream {

/// A study of modes rate and peak: an experiment is a job at a rate over a part of the stream, or the search
/// for a job's peak with so many workers. Nothing is kept but the rows of the study file.
[[nodiscard]] std::unique_ptr<study::Study> make_load_study(Options options, Source source);

/// A row for each rate or number of workers of a job. Of several parts: the slowest one's percentiles.
[[nodiscard]] TextTable load_summary_of(study::Records const& records);

}  // namespace vaster::stream
