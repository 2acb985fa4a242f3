#pragma once

#include "core/report/chapter.hpp"
#include "vaster/study/study.hpp"

namespace vaster::service {

/// Jobs: what became of them, which failed and what they printed last, attempts, and what each rank did when.
/// @param kind  of their studies
void add_jobs_sections(report::Chapter& chapter, store::Reader const& study, study::Kind const& kind);

}  // namespace vaster::service
